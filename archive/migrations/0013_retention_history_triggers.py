"""Who changed a retention rule, and when, only grows."""

from django.db import migrations

FORWARD = """
CREATE TRIGGER archive_historicalretentionrule_no_change
    BEFORE UPDATE OR DELETE ON archive_historicalretentionrule
    FOR EACH ROW EXECUTE FUNCTION archive_refuse();
CREATE TRIGGER archive_historicalretentionrule_no_truncate
    BEFORE TRUNCATE ON archive_historicalretentionrule
    FOR EACH STATEMENT EXECUTE FUNCTION archive_refuse();
"""

BACKWARD = """
DROP TRIGGER archive_historicalretentionrule_no_truncate
    ON archive_historicalretentionrule;
DROP TRIGGER archive_historicalretentionrule_no_change
    ON archive_historicalretentionrule;
"""


class Migration(migrations.Migration):
    dependencies = [("archive", "0012_retention_history")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
