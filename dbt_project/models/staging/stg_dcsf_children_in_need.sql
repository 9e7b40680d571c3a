{{ stage_ees('dcsf_children_in_need') }}
