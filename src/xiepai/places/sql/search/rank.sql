CASE WHEN lower(p.name) = %(words)s THEN 0
     WHEN starts_with(lower(p.name), %(words)s) THEN 1
     WHEN EXISTS (SELECT 1 FROM unnest(p.aliases) a WHERE starts_with(lower(a), %(words)s)) THEN 2
     WHEN strpos(lower(p.name), %(words)s) > 0 THEN 3
     ELSE 4 END
