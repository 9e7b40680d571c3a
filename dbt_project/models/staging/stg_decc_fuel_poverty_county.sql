-- Ceremonial and metropolitan counties: none of them is an area of the framework by this file's bounds
-- (its Durham holds Darlington), so each row is set aside as out of scope. Kept for its layout.
with source as (
    {{ raw_rows('decc_fuel_poverty_county') }}
)

select
    {{ provenance('decc_fuel_poverty_county', 'decc_fuel_poverty_county') }},
    county as source_area,
    {{ number_of('households') }} as households,
    {{ number_of('fuel_poor_households') }} as fuel_poor_households,
    maturity,
    {{ set_aside([['true', 'other_area_group', 'county']]) }}
from source
