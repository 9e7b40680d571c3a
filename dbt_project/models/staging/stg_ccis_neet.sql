{{ stage_ees('ccis_neet') }}
