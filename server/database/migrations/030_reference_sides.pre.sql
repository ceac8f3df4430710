-- A reference shows what is beside its zone, too: those taken before do not, and are taken again.

DELETE FROM rule_reference;
