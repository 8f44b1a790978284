-- The reverse of guards.sql.

DROP TRIGGER fact_kept ON grants_fact;
DROP FUNCTION grants_fact_is_kept();
DROP TRIGGER version_frozen ON grants_programmeversion;
DROP FUNCTION grants_version_is_frozen();
