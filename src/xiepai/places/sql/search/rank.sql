CASE WHEN {{title}} = %(words)s THEN 0
     WHEN starts_with({{title}}, %(words)s) THEN 1
     WHEN p.aliases <> '{}' AND EXISTS (SELECT 1 FROM unnest(p.aliases) a WHERE starts_with(lower(a), %(words)s)) THEN 2
     WHEN strpos({{title}}, %(words)s) > 0 THEN 3
     ELSE 4 END
