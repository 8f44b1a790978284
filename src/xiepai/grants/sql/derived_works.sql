-- What the house knows of each work by itself: one row a work. -1 stands for "not known" in every number.
-- %(works)s: the works asked for (NULL: all that are not withdrawn); %(today)s: the day in the city.

WITH asked AS (
  SELECT w.id, w.organisation_id, w.format, w.investment_fen, w.episodes, w.minutes_per_episode, w.state, w.release_on
  FROM productions_work w
  WHERE (%(works)s::bigint[] IS NULL AND w.state <> 'withdrawn') OR w.id = ANY(%(works)s::bigint[])
), papers AS (
  SELECT p.work_id,
    bool_or(k.code = 'filing-number') AS has_filing,
    bool_or(k.code = 'production-licence') AS has_production_licence,
    bool_or(k.code = 'release-credential') AS has_release_credential
  FROM productions_paper p JOIN productions_paperkind k ON k.id = p.kind_id
  WHERE p.state = 'accepted' AND (p.valid_from IS NULL OR p.valid_from <= %(today)s)
    AND (p.valid_to IS NULL OR p.valid_to >= %(today)s)
    AND (%(works)s::bigint[] IS NULL OR p.work_id = ANY(%(works)s::bigint[]))
  GROUP BY p.work_id
), used AS (
  SELECT b.id, b.work_id, b.period, o.kind = 'scenic' AS is_scenic, o.kind = 'scenic' AND l.terms <> 'paid' AS is_partner,
    l.kind <> 'resource' AS is_place
  FROM bookings_booking b JOIN places_place l ON l.id = b.place_id JOIN parties_organisation o ON o.id = l.owner_id
  WHERE b.work_id IS NOT NULL AND b.state IN ('in_use', 'handed_back', 'settled')
    AND (%(works)s::bigint[] IS NULL OR b.work_id = ANY(%(works)s::bigint[]))
), days AS (
  SELECT DISTINCT u.work_id, d::date AS day
  FROM used u, generate_series(
    (lower(u.period) AT TIME ZONE 'Asia/Shanghai')::date,
    ((upper(u.period) - interval '1 microsecond') AT TIME ZONE 'Asia/Shanghai')::date, interval '1 day') d
  WHERE u.is_place
), islands AS (
  SELECT work_id, count(*) AS run FROM (
    SELECT work_id, day - (row_number() OVER (PARTITION BY work_id ORDER BY day))::int AS island FROM days
  ) numbered GROUP BY work_id, island
), runs AS (
  SELECT work_id, sum(run)::bigint AS local_days, max(run)::bigint AS local_run FROM islands GROUP BY work_id
), costs AS (
  SELECT u.work_id, sum(l.amount)::bigint AS local_cost
  FROM used u JOIN bookings_settlement s ON s.booking_id = u.id
  CROSS JOIN LATERAL (
    SELECT COALESCE(sum((line ->> 'amount_fen')::bigint), 0) AS amount
    FROM jsonb_array_elements(s.lines) line WHERE line ->> 'kind' IN ('time', 'overtime', 'extra')
  ) l GROUP BY u.work_id
), places AS (
  SELECT work_id, bool_or(is_scenic) AS uses_culture_tourism, bool_or(is_partner) AS uses_partner_area
  FROM used GROUP BY work_id
)
SELECT a.id, a.organisation_id,
  CASE a.format WHEN 'horizontal' THEN 0 WHEN 'vertical' THEN 1 ELSE -1 END AS format,
  COALESCE(a.investment_fen, -1) AS investment,
  COALESCE(a.episodes, -1) AS episodes,
  COALESCE(floor(a.episodes * a.minutes_per_episode)::bigint, -1) AS minutes,
  CASE WHEN a.state = 'released' THEN 1 ELSE -1 END AS is_released,
  CASE WHEN a.state = 'released' AND a.release_on IS NOT NULL THEN a.release_on - DATE '1970-01-01' ELSE -1 END
    AS release_on,
  CASE WHEN p.has_filing THEN 1 ELSE -1 END AS has_filing,
  CASE WHEN p.has_production_licence THEN 1 ELSE -1 END AS has_production_licence,
  CASE WHEN p.has_release_credential THEN 1 ELSE -1 END AS has_release_credential,
  COALESCE(r.local_days, -1) AS local_days,
  COALESCE(r.local_run, -1) AS local_run,
  COALESCE(c.local_cost, -1) AS local_cost,
  CASE WHEN l.uses_culture_tourism THEN 1 ELSE -1 END AS uses_culture_tourism,
  CASE WHEN l.uses_partner_area THEN 1 ELSE -1 END AS uses_partner_area
FROM asked a
LEFT JOIN papers p ON p.work_id = a.id
LEFT JOIN runs r ON r.work_id = a.id
LEFT JOIN costs c ON c.work_id = a.id
LEFT JOIN places l ON l.work_id = a.id
ORDER BY a.id
