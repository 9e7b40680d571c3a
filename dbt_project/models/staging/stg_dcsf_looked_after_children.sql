{{ stage_ees('dcsf_looked_after_children') }}
