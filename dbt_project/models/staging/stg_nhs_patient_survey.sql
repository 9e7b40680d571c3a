{{ stage_survey('nhs_patient_survey') }}
