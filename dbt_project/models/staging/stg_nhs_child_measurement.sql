{{ stage_fingertips('nhs_child_measurement', ['academic_year']) }}
