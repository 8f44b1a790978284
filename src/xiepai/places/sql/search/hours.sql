-- The opening hours of worktime.opening.open_spans, for every place of base at once: its own weekly hours or its
-- nearest ancestor's, less the closed days of the whole line. shut: the starts that are not open all the time.
starts AS MATERIALIZED (
  SELECT DISTINCT start FROM base WHERE start IS NOT NULL
), line AS (
  SELECT start, start AS node, 0 AS height FROM starts
  UNION ALL
  SELECT line.start, a.parent_id, height + 1 FROM line JOIN places_place a ON a.id = line.node
  WHERE a.parent_id IS NOT NULL
), stated AS (
  SELECT DISTINCT ON (start) start, node FROM line
  WHERE EXISTS (SELECT 1 FROM places_openingrule r WHERE r.place_id = node) ORDER BY start, height
), closed AS MATERIALIZED (
  SELECT line.start, d.day FROM line JOIN places_closedday d ON d.place_id = line.node
  WHERE d.day BETWEEN %(first_day)s::date - 1 AND %(last_day)s::date + 1
), days AS (
  SELECT %(first_day)s::date + n AS day FROM generate_series(-1, %(last_day)s::date - %(first_day)s::date) n
), shut AS MATERIALIZED (
  SELECT s.start FROM starts s
  LEFT JOIN stated ON stated.start = s.start
  LEFT JOIN LATERAL (
    SELECT range_agg(tstzrange(
      (d.day + make_interval(mins => r.opens)) AT TIME ZONE %(zone)s,
      least(d.day + make_interval(mins => r.closes), CASE WHEN EXISTS (
        SELECT 1 FROM closed WHERE closed.start = s.start AND closed.day = d.day + 1) THEN d.day + 1 END)
        AT TIME ZONE %(zone)s)) AS hours
    FROM days d CROSS JOIN LATERAL (
      SELECT r.opens_minute::int AS opens, r.closes_minute::int AS closes FROM places_openingrule r
      WHERE r.place_id = stated.node AND r.weekday = extract(isodow FROM d.day) - 1
        AND (r.valid_from IS NULL OR r.valid_from <= d.day) AND (r.valid_to IS NULL OR d.day <= r.valid_to)
      UNION ALL SELECT 0, 1440 WHERE stated.node IS NULL
    ) r
    WHERE NOT EXISTS (SELECT 1 FROM closed WHERE closed.start = s.start AND closed.day = d.day)
  ) o ON true
  WHERE NOT coalesce(o.hours @> tstzrange(%(free_from)s, %(free_to)s), false)
),
