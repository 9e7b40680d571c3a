{{ stage_ees('dcsf_a_levels') }}
