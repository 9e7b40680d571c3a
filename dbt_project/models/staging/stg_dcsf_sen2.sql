{{ stage_ees('dcsf_sen2') }}
