-- Rows, total and facets of a search in one statement.
-- base: what the stored fields allow, up to a limit; when it holds more than may be looked at, nothing further is
--       computed and the caller goes another way (see search_run).
-- hits: what of it is also free and open.
WITH RECURSIVE base AS MATERIALIZED (
  SELECT p.id, p.categories, p.styles, p.town, p.setting, p.terms, p.sound, p.kind, p.sort_key, p.people_max, p.capacity,
         p.buffer_before_minutes, p.buffer_after_minutes, {{rank}} AS rank, {{distance}} AS distance_m,
         {{price}} AS price_fen, {{start}} AS start
  FROM places_place p {{tariff}}
  WHERE {{conditions}}
  {{base_order}} LIMIT %(take)s
), size AS MATERIALIZED (
  SELECT count(*) AS n FROM base
), {{hours}} hits AS MATERIALIZED (
  SELECT p.* FROM base p WHERE (SELECT n FROM size) <= %(most)s AND {{free}}
), page AS (
  SELECT id, distance_m, row_number() OVER () AS at
  FROM (SELECT id, distance_m FROM hits ORDER BY {{order}} LIMIT %(size)s OFFSET %(skip)s) top
), {{facets}}
SELECT (SELECT n FROM size), (SELECT count(*) FROM hits), ({{rows}}), (SELECT jsonb_agg(f) FROM facets f)
