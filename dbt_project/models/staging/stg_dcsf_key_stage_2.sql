{{ stage_ees('dcsf_key_stage_2') }}
