"""What stands beside the ledger of `million_entries`: refunds, payouts, disputes, jobs, webhooks, numbers.

For `fill(more=...)`. A refund has the id of its payment; of forty in a hundred payments half went back.
"""

# Shares that were over for three days are released, and paid out with the week's payout but for the last.
_PROVIDERS_AND_ENDS = """
INSERT INTO provider_account (provider_id, accepts_payments, version, account_id, transfers_active,
    updated_at, payouts_enabled, details_submitted, country, time_zone)
SELECT provider_id, true, 1, 'acct_' || provider_id, true, :last, true, true, 'US', 'America/New_York'
FROM made GROUP BY provider_id;
INSERT INTO catalogue_provider (provider_id, city, version, updated_at)
SELECT provider_id, min(city), 1, :last FROM made GROUP BY provider_id;
INSERT INTO catalogue_service (service_id, provider_id, category, version, updated_at)
SELECT gen_random_uuid(), provider_id, category, 1, :last FROM made GROUP BY provider_id, category;
INSERT INTO booking_completion (booking_id, version, completed_at)
SELECT id, 3, at + interval '1 hour' FROM made WHERE number % 10 >= 4;
INSERT INTO booking_cancellation (booking_id, version, cause, currency, refund_percent, tip_percent,
    service_refund, tip_refund, cancelled_at)
SELECT id, 3, 'customer', currency, 50, 100, service / 2, 0, at + interval '1 hour' FROM made
WHERE number % 10 < 4;
INSERT INTO provider_share (payment_id, provider_id, currency, state, over_at, released_amount, is_due,
    updated_at)
SELECT id, provider_id, currency, state, at + interval '1 hour',
    CASE WHEN state <> 'waiting' THEN service - service / 10 END, state = 'released', at
FROM (SELECT *, CASE WHEN at > :last - interval '2 days' THEN 'waiting'
    WHEN at > :last - interval '3 days' THEN 'released' ELSE 'paid_out' END AS state FROM made) AS shares;
"""

_OPERATIONS = """
INSERT INTO payment_op (id, payment_id, op, attempt, idem_key, intent_id, params, params_hash, state,
    created_at)
SELECT gen_random_uuid(), id, op, 1, op || ':' || id || '-1', 'pi_' || id, '{"amount": 1}', md5(id::text),
    'ok', at FROM made, unnest(ARRAY['create', 'confirm']) AS op;
INSERT INTO refund (id, payment_id, request_key, cause, service_amount, tip_amount, status, created_at,
    commission_returned, provider_refund_id, updated_at)
SELECT id, id, 'booking', 'cancelled', service / 2, 0,
    CASE number % 5000 WHEN 1 THEN 'due' WHEN 2 THEN 'failed' WHEN 3 THEN 'pending' ELSE 'succeeded' END, at,
    0, 're_' || id, at FROM made WHERE number % 10 < 4;
INSERT INTO payment_op (id, payment_id, op, attempt, idem_key, intent_id, params, params_hash, state,
    created_at, refund_id)
SELECT gen_random_uuid(), id, 'refund', 1, 'refund:' || id || '-1', 'pi_' || id, '{"amount": 1}',
    md5(id::text), 'ok', at, id FROM made WHERE number % 10 < 4;
INSERT INTO document (series, year, number, subject_id, payment_id, issued_at)
SELECT 'invoice', extract(year FROM at), row_number() OVER (PARTITION BY extract(year FROM at) ORDER BY at),
    id, id, at FROM made;
INSERT INTO document (series, year, number, subject_id, payment_id, issued_at)
SELECT 'credit_note', extract(year FROM at),
    row_number() OVER (PARTITION BY extract(year FROM at) ORDER BY at), id, id, at FROM made
WHERE number % 10 < 4;
INSERT INTO number_series (series, year, last)
SELECT series, year, max(number) FROM document GROUP BY series, year;
INSERT INTO dispute (id, payment_id, charge_id, amount, currency, reason, status, is_charge_refundable,
    has_evidence, submissions, opened_at, closed_at, updated_at)
SELECT 'dp_' || id, id, 'ch_' || id, service, currency, 'fraudulent',
    CASE WHEN number % 2000 = 7 THEN 'needs_response' ELSE 'won' END, false, false, 0, at,
    CASE WHEN number % 2000 <> 7 THEN at + interval '20 days' END, at FROM made WHERE number % 50 = 7;
INSERT INTO dispute_movement (id, dispute_id, taken_amount, fee_amount, fee_currency, seen_at)
SELECT 'txn_' || id, 'dp_' || id, service, 1500, currency, at FROM made WHERE number % 50 = 7;
INSERT INTO payout_hold (id, payment_id, kind, reason, is_open, opened_at, ends_at, updated_at)
SELECT 'hold_' || id, id, 'early_fraud_warning', 'rule', number % 1000 = 8, at, at + interval '90 days', at
FROM made WHERE number % 50 = 8;
"""

# One payout of a provider and currency for each week, with a line for each payment.
_PAYOUTS = """
CREATE TEMPORARY TABLE paid ON COMMIT DROP AS
SELECT CAST(md5(provider_id || currency || week) AS uuid) AS id, payouts.* FROM (
    SELECT date_trunc('week', at) AS week, provider_id, currency, sum(service - service / 10) AS amount
    FROM made WHERE at <= :last - interval '3 days' GROUP BY 1, 2, 3
) AS payouts;
INSERT INTO payout (id, provider_id, account_id, currency, amount, state, provider_payout_id, simulated,
    version, created_at, updated_at)
SELECT id, provider_id, 'acct_' || provider_id, currency, amount, 'paid', 'po_' || id, true, 3, week, week
FROM paid;
INSERT INTO payout_line (payout_id, payment_id, due_amount, netted_amount)
SELECT paid.id, made.id, service - service / 10, 0 FROM made JOIN paid ON paid.week = date_trunc('week', at)
    AND paid.provider_id = made.provider_id AND paid.currency = made.currency
WHERE at <= :last - interval '3 days';
INSERT INTO provider_op (id, provider_id, payout_id, op, attempt, idem_key, params, params_hash, state,
    created_at)
SELECT gen_random_uuid(), provider_id, id, 'payout', 1, 'payout:' || id || '-1', '{"amount": 1}',
    md5(id::text), 'ok', week FROM paid;
CREATE TEMPORARY TABLE later ON COMMIT DROP AS
SELECT gen_random_uuid() AS id, made.id AS payment_id, made.currency, kind,
    at + interval '3 days' AS posted_at, service - service / 10 AS amount,
    'provider_' || debit || ':' || provider_id AS debit, credit || ':' || provider_id AS credit
FROM made, (VALUES ('share_released', 'payable', 'provider_due')) AS moves (kind, debit, credit)
WHERE at <= :last - interval '2 days';
INSERT INTO later
SELECT gen_random_uuid(), payment_id, currency, 'payout_sent', posted_at + interval '1 day', amount, credit,
    'payouts_in_transit' FROM later WHERE posted_at < :last;
INSERT INTO ledger_transaction (id, payment_id, booking_id, kind, fact, posted_at)
SELECT id, payment_id, payment_id, kind, kind, posted_at FROM later;
INSERT INTO ledger_entry (id, transaction_id, account, amount, currency, posted_at, kind, payment_id)
SELECT gen_random_uuid(), id, debit, amount, currency, posted_at, kind, payment_id FROM later
UNION ALL SELECT gen_random_uuid(), id, credit, -amount, currency, posted_at, kind, payment_id FROM later;
"""

_MESSAGES = """
INSERT INTO webhook_event (event_id, type, object_id, intent_id, livemode, stated_at, outcome, received_at,
    worked_at)
SELECT 'evt_' || place || '_' || id, 'payment_intent.succeeded', 'pi_' || id, 'pi_' || id, false, at,
    CASE WHEN place = 2 THEN 'kept' ELSE 'worked' END, at, at FROM made, generate_series(1, 2) AS place;
INSERT INTO job (id, kind, key, payload, state, attempts, run_at, created_at, trace)
SELECT gen_random_uuid(), kind, 'evt_1_' || id, jsonb_build_object('payment_id', id),
    CASE WHEN number % 5000 = 9 THEN 'parked' ELSE 'done' END, 1, at, at,
    jsonb_build_object('traceparent', '00-' || md5(id::text) || '-' || left(md5(id::text), 16) || '-01')
FROM made, unnest(ARRAY['resume_payment', 'work_webhook', 'send_refund', 'settle_hold']) AS kind
WHERE at > :last - interval '30 days';
INSERT INTO job (id, kind, key, payload, state, attempts, run_at, created_at)
SELECT gen_random_uuid(), 'look_again', 'round:' || number, '{}', 'done', 1, at, at
FROM (SELECT number, app_now() - number * interval '20 seconds' AS at FROM generate_series(1, 4000) AS number)
    AS rounds;
INSERT INTO inbox (event_id, handler, received_at)
SELECT gen_random_uuid(), 'payment.on_booking_completed', at FROM made, generate_series(1, 3);
INSERT INTO idempotency (caller, method, key, fingerprint, answer)
SELECT gen_random_uuid(), 'payment.refund_payment', gen_random_uuid(), 'x', '{}'
FROM generate_series(1, 10000);
"""

# All but the last days are closed; the digests stand for what nobody proves here.
_CLOSED_DAYS = """
INSERT INTO ledger_day (day, begins_at, ends_at, zone)
SELECT day::date, day, day + interval '1 day', 'UTC' FROM generate_series(
    date_trunc('day', :last - :days * interval '1 day', 'UTC'), date_trunc('day', :last, 'UTC')
        - interval '3 days', interval '1 day') AS day;
INSERT INTO ledger_closing (day, account, currency, opening, debits, credits, closing, transactions)
SELECT day, account, currency, closing - moved, debits, debits - moved, closing, transactions FROM (
    SELECT day, account, currency, sum(amount) AS moved, sum(greatest(amount, 0)) AS debits,
        count(*) AS transactions,
        sum(sum(amount)) OVER (PARTITION BY account, currency ORDER BY day) AS closing
    FROM ledger_entry JOIN ledger_day ON day = CAST(posted_at AT TIME ZONE 'UTC' AS date)
    GROUP BY day, account, currency
) AS days;
INSERT INTO ledger_closing_day (day, transactions, entries, entries_digest, balances_digest, previous_digest,
    digest)
SELECT day, 1, 1, '', '', '', md5(day::text) FROM ledger_day
"""

BESIDE = _PROVIDERS_AND_ENDS + _OPERATIONS + _PAYOUTS + _MESSAGES + _CLOSED_DAYS
