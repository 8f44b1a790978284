-- The hits of a search and nothing else: what an export writes.
WITH RECURSIVE base AS MATERIALIZED (
  SELECT p.id, p.capacity, p.buffer_before_minutes, p.buffer_after_minutes, {{start}} AS start
  FROM places_place p WHERE {{conditions}} ORDER BY p.sort_key, p.id LIMIT %(most)s
), {{hours}} hits AS MATERIALIZED (
  SELECT p.* FROM base p WHERE {{free}}
)
SELECT id FROM hits
