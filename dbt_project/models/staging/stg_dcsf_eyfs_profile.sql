{{ stage_ees('dcsf_eyfs_profile') }}
