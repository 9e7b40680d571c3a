-- What each area is made of: the 354 single-tier and lower-tier councils of 31 March 2009 ("atoms"). Every later
-- council is a whole number of them, so one containment relation serves counties, successors, MAAs and regions.
with recursive lower_tier as (
    select
        area_code,
        area_code as atom_code
    from {{ ref('area_sets') }}
    where area_set = 'lad_2008'

    union

    select
        change.to_code,
        lower_tier.atom_code
    from lower_tier
    inner join {{ ref('area_changes') }} as change on lower_tier.area_code = change.from_code
    where change.kind in ('merge', 'recode')
),

members as (
    select
        membership.parent_code as area_code,
        lower_tier.atom_code
    from {{ ref('area_memberships') }} as membership
    inner join lower_tier on membership.area_code = lower_tier.area_code
),

through_members as (
    -- A Multi Area Agreement or a youth offending team may have a whole county as its member, the country has regions.
    select
        membership.parent_code as area_code,
        member.atom_code
    from {{ ref('area_memberships') }} as membership
    inner join members as member on membership.area_code = member.area_code
)

select area_code, atom_code from lower_tier
union
select area_code, atom_code from members
union
select area_code, atom_code from through_members
