-- Total and facets of a search with very many hits: everything is counted, one in so many is looked at.
-- Which places are looked at depends on their number only, so that the figures do not jump from page to page.
-- found: there when words are searched for, so that the page's rows come from the same pass.
WITH RECURSIVE {{found}} pool AS MATERIALIZED (
  SELECT count(*) AS n, array_agg(p.id) FILTER (WHERE hashint8(p.id) & 7 = 0) AS ids FROM {{pool_source}}
), base AS MATERIALIZED (
  SELECT p.id, p.categories, p.styles, p.town, p.setting, p.terms, p.sound, p.kind, p.capacity,
         p.buffer_before_minutes, p.buffer_after_minutes, {{start}} AS start
  FROM pool CROSS JOIN LATERAL unnest(pool.ids) chosen JOIN places_place p ON p.id = chosen
  WHERE pool.n > %(most)s AND mod(hashint8(p.id)::bigint + 2147483648 >> 3,
    greatest(1, ceil(cardinality(pool.ids) / %(sample)s::float8)::bigint)) = 0
), size AS MATERIALIZED (
  SELECT count(*) AS n FROM base
), {{hours}} hits AS MATERIALIZED (
  SELECT p.* FROM base p WHERE {{free}}
), {{facets}}
SELECT (SELECT n FROM pool), (SELECT n FROM size), (SELECT count(*) FROM hits), ({{rows_of_found}}),
       (SELECT jsonb_agg(f) FROM facets f)
