combos AS MATERIALIZED (
  SELECT categories, styles, town, setting, terms, sound, kind, count(*) AS n FROM hits GROUP BY 1, 2, 3, 4, 5, 6, 7
), facets AS (
  SELECT 'category' AS facet, value, sum(n)::bigint AS n FROM (SELECT unnest(categories) AS value, n FROM combos) c
    GROUP BY value
  UNION ALL
  SELECT 'style', value, sum(n)::bigint FROM (SELECT unnest(styles) AS value, n FROM combos) s GROUP BY value
  UNION ALL SELECT 'town', town, sum(n)::bigint FROM combos GROUP BY town
  UNION ALL SELECT 'setting', setting, sum(n)::bigint FROM combos GROUP BY setting
  UNION ALL SELECT 'terms', terms, sum(n)::bigint FROM combos GROUP BY terms
  UNION ALL SELECT 'sound', sound, sum(n)::bigint FROM combos GROUP BY sound
  UNION ALL SELECT 'kind', kind, sum(n)::bigint FROM combos GROUP BY kind
)
