"""What makes the market larger at once: visits of the past of one provider, and further providers.

Written past the services, as their tables have it, since importing a hundred thousand takes long.
"""

BOOKINGS = """
SET session_replication_role = replica;
WITH carer AS (SELECT id FROM staff WHERE provider_id = '{provider}' ORDER BY id LIMIT 1),
visits AS (
    SELECT gen_random_uuid() AS id, carer.id AS staff_id,
        date_trunc('hour', now()) - interval '2 days' - number * interval '1 hour' AS start
    FROM carer, generate_series(1, {count}) AS number
),
made AS (
    INSERT INTO booking (id, version, state, customer_id, provider_id, service_id, staff_id, service_name,
        visit, blocked, time_zone, local_start, utc_offset, quote, hold_prolonged, created_at, payment_id,
        paid_service, paid_tip)
    SELECT id, 1, 'completed', gen_random_uuid(), '{provider}', '{service}', staff_id,
        '{{"en": "Massage", "ar": "تدليك"}}', tstzrange(start, start + interval '1 hour'),
        tstzrange(start, start + interval '1 hour'), 'UTC', start AT TIME ZONE 'UTC', '+00:00',
        '{{"lines": [], "total": {{"amount": 10000, "currency": "USD"}}, "quoted_at": "2026-01-01T00:00:00Z",
        "refund_policy_id": "01890000-0000-7000-8000-000000000001", "refund_tiers": []}}', false,
        start - interval '7 days', gen_random_uuid(), 10000, 0
    FROM visits RETURNING id, created_at
)
INSERT INTO booking_history (booking_id, version, to_state, actor, reason, at)
SELECT id, 1, 'completed', 'system', 'imported', created_at FROM made
"""

PROVIDERS = """
INSERT INTO provider (id, name_en, name_ar, about_en, about_ar, city, country, time_zone, currency, latitude,
    longitude, payable, plain_name, plain_city, plain_about)
SELECT md5(id::text || copy)::uuid, name_en, name_ar, about_en, about_ar, city, country, time_zone, currency,
    latitude, longitude + 3 * (copy % {cities}), payable, plain_name, plain_city, plain_about
FROM provider, generate_series(1, {copies}) AS copy;
INSERT INTO service (id, provider_id, category_id, name_en, name_ar, description_en, description_ar,
    duration_minutes, price_amount, price_currency, plain_name, plain_description)
SELECT md5(id::text || copy)::uuid, md5(provider_id::text || copy)::uuid, category_id, name_en, name_ar,
    description_en, description_ar, duration_minutes, price_amount, price_currency, plain_name,
    plain_description
FROM service, generate_series(1, {copies}) AS copy;
UPDATE provider SET document = provider.words || offer.words, category_ids = offer.category_ids,
    from_price = offer.from_price, findable = true
FROM (
    SELECT provider_id, tsvector_join(service.words || category.words ORDER BY service.id) AS words,
        array_agg(DISTINCT category_id) AS category_ids, min(price_amount) AS from_price
    FROM service JOIN category ON category.id = category_id GROUP BY provider_id
) AS offer
WHERE offer.provider_id = provider.id AND NOT provider.findable
"""
"""Copies of each provider, spread over so many cities that lie side by side."""
