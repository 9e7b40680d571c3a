{{ stage_ees('dcsf_post16_participation') }}
