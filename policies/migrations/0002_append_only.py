"""A wording a decision was made under is never rewritten, not even by hand in psql."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION policies_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: rows are only added', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation',
              HINT = 'Add a new version of the rule instead.';
END
$$;

CREATE TRIGGER policies_ruleversion_append_only
    BEFORE UPDATE OR DELETE ON policies_ruleversion
    FOR EACH ROW EXECUTE FUNCTION policies_refuse_change();

CREATE TRIGGER policies_ruleversion_no_truncate
    BEFORE TRUNCATE ON policies_ruleversion
    FOR EACH STATEMENT EXECUTE FUNCTION policies_refuse_change();

CREATE TRIGGER policies_historicalrule_append_only
    BEFORE UPDATE OR DELETE ON policies_historicalrule
    FOR EACH ROW EXECUTE FUNCTION policies_refuse_change();

CREATE TRIGGER policies_historicalrule_no_truncate
    BEFORE TRUNCATE ON policies_historicalrule
    FOR EACH STATEMENT EXECUTE FUNCTION policies_refuse_change();
"""

BACKWARD = """
DROP TRIGGER policies_historicalrule_no_truncate ON policies_historicalrule;
DROP TRIGGER policies_historicalrule_append_only ON policies_historicalrule;
DROP TRIGGER policies_ruleversion_no_truncate ON policies_ruleversion;
DROP TRIGGER policies_ruleversion_append_only ON policies_ruleversion;
DROP FUNCTION policies_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("policies", "0001_rules")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
