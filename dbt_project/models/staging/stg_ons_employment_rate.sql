{{ stage_els('ons_employment_rate', 'Employment rate', 'iso_interval') }}
