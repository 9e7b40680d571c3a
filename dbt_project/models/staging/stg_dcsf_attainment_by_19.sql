{{ stage_ees('dcsf_attainment_by_19') }}
