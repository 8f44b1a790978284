-- A published policy version is never changed or deleted; of a fact only who verified it and what took its place
-- may be written later.

CREATE FUNCTION grants_version_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a published policy version is never changed' USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER version_frozen BEFORE UPDATE OR DELETE ON grants_programmeversion
  FOR EACH ROW EXECUTE FUNCTION grants_version_is_frozen();

CREATE FUNCTION grants_fact_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR (NEW.work_id, NEW.organisation_id, NEW.name, NEW.kind, NEW.value, NEW.source, NEW.source_ref,
      NEW.stated_by_id, NEW.stated_at) IS DISTINCT FROM (OLD.work_id, OLD.organisation_id, OLD.name, OLD.kind,
      OLD.value, OLD.source, OLD.source_ref, OLD.stated_by_id, OLD.stated_at)
      OR (OLD.superseded_by_id IS NOT NULL AND NEW.superseded_by_id IS DISTINCT FROM OLD.superseded_by_id) THEN
    RAISE EXCEPTION 'a stated fact is never changed; a further one takes its place'
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER fact_kept BEFORE UPDATE OR DELETE ON grants_fact
  FOR EACH ROW EXECUTE FUNCTION grants_fact_is_kept();
