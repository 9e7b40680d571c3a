{{ stage_ees('dcsf_extended_services') }}
