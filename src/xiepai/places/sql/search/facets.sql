combos AS MATERIALIZED (
  SELECT categories, styles, town, setting, terms, sound, kind, count(*) AS n FROM hits GROUP BY 1, 2, 3, 4, 5, 6, 7
), facets AS (
  SELECT facet, value, sum(n)::bigint AS n FROM (
    SELECT unnest(ARRAY['town', 'setting', 'terms', 'sound', 'kind']) AS facet,
           unnest(ARRAY[town, setting, terms, sound, kind]) AS value, n FROM combos
    UNION ALL SELECT 'category', unnest(categories), n FROM combos
    UNION ALL SELECT 'style', unnest(styles), n FROM combos
  ) each_value GROUP BY facet, value
)
