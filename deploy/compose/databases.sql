-- Databases, roles, rights and extensions of all services, written by `make env` from
-- deploy/local/databases.py: change that instead. Safe to repeat. The passwords come from psql's environment.
\getenv care_search_owner_password CARE_SEARCH_OWNER_PASSWORD
\getenv care_search_app_password CARE_SEARCH_APP_PASSWORD
\getenv care_booking_owner_password CARE_BOOKING_OWNER_PASSWORD
\getenv care_booking_app_password CARE_BOOKING_APP_PASSWORD
\getenv care_payment_owner_password CARE_PAYMENT_OWNER_PASSWORD
\getenv care_payment_app_password CARE_PAYMENT_APP_PASSWORD
\getenv care_notify_owner_password CARE_NOTIFY_OWNER_PASSWORD
\getenv care_notify_app_password CARE_NOTIFY_APP_PASSWORD
\getenv care_gateway_owner_password CARE_GATEWAY_OWNER_PASSWORD
\getenv care_gateway_app_password CARE_GATEWAY_APP_PASSWORD
SET client_min_messages = warning;
REVOKE ALL ON DATABASE postgres FROM PUBLIC;
REVOKE ALL ON DATABASE template1 FROM PUBLIC;
SELECT 'CREATE ROLE care_search_owner LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'care_search_owner') \gexec
ALTER ROLE care_search_owner PASSWORD :'care_search_owner_password';
SELECT 'CREATE ROLE care_search_app LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'care_search_app') \gexec
ALTER ROLE care_search_app PASSWORD :'care_search_app_password';
SELECT 'CREATE DATABASE care_search OWNER care_search_owner' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'care_search') \gexec
REVOKE ALL ON DATABASE care_search FROM PUBLIC;
GRANT CONNECT ON DATABASE care_search TO care_search_app;
\connect care_search
GRANT USAGE ON SCHEMA public TO care_search_app;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS unaccent;
CREATE EXTENSION IF NOT EXISTS cube;
CREATE EXTENSION IF NOT EXISTS earthdistance;
SELECT 'CREATE ROLE care_booking_owner LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'care_booking_owner') \gexec
ALTER ROLE care_booking_owner PASSWORD :'care_booking_owner_password';
SELECT 'CREATE ROLE care_booking_app LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'care_booking_app') \gexec
ALTER ROLE care_booking_app PASSWORD :'care_booking_app_password';
SELECT 'CREATE DATABASE care_booking OWNER care_booking_owner' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'care_booking') \gexec
REVOKE ALL ON DATABASE care_booking FROM PUBLIC;
GRANT CONNECT ON DATABASE care_booking TO care_booking_app;
\connect care_booking
GRANT USAGE ON SCHEMA public TO care_booking_app;
CREATE EXTENSION IF NOT EXISTS btree_gist;
SELECT 'CREATE ROLE care_payment_owner LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'care_payment_owner') \gexec
ALTER ROLE care_payment_owner PASSWORD :'care_payment_owner_password';
SELECT 'CREATE ROLE care_payment_app LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'care_payment_app') \gexec
ALTER ROLE care_payment_app PASSWORD :'care_payment_app_password';
SELECT 'CREATE DATABASE care_payment OWNER care_payment_owner' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'care_payment') \gexec
REVOKE ALL ON DATABASE care_payment FROM PUBLIC;
GRANT CONNECT ON DATABASE care_payment TO care_payment_app;
\connect care_payment
GRANT USAGE ON SCHEMA public TO care_payment_app;
SELECT 'CREATE ROLE care_notify_owner LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'care_notify_owner') \gexec
ALTER ROLE care_notify_owner PASSWORD :'care_notify_owner_password';
SELECT 'CREATE ROLE care_notify_app LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'care_notify_app') \gexec
ALTER ROLE care_notify_app PASSWORD :'care_notify_app_password';
SELECT 'CREATE DATABASE care_notify OWNER care_notify_owner' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'care_notify') \gexec
REVOKE ALL ON DATABASE care_notify FROM PUBLIC;
GRANT CONNECT ON DATABASE care_notify TO care_notify_app;
\connect care_notify
GRANT USAGE ON SCHEMA public TO care_notify_app;
SELECT 'CREATE ROLE care_gateway_owner LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'care_gateway_owner') \gexec
ALTER ROLE care_gateway_owner PASSWORD :'care_gateway_owner_password';
SELECT 'CREATE ROLE care_gateway_app LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'care_gateway_app') \gexec
ALTER ROLE care_gateway_app PASSWORD :'care_gateway_app_password';
SELECT 'CREATE DATABASE care_gateway OWNER care_gateway_owner' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'care_gateway') \gexec
REVOKE ALL ON DATABASE care_gateway FROM PUBLIC;
GRANT CONNECT ON DATABASE care_gateway TO care_gateway_app;
\connect care_gateway
GRANT USAGE ON SCHEMA public TO care_gateway_app;
