{{ stage_ees('dcsf_absence_exclusions') }}
