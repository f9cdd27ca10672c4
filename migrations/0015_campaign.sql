-- +goose Up
-- +goose StatementBegin

-- The yearly Month of Action: its dates and offices as dated data, the units and what they report, and the versions of the department's own report.
--
-- No case is here, and nothing here leads to one. A figure of cases enters a version only as a cell of a published release: a trigger looks it up.
-- A reporter sees her own unit and the year's settings; the department (STAT_OFFICER, STAT_APPROVER) sees all. What a unit handed in, what the department
-- froze and who did what when are added and never changed.

set role binhan_owner;

create schema campaign;
grant usage on schema campaign to binhan_app, binhan_migrator;

-- ------------------------------------------------------------------ the year

-- One row for each change of a year's settings; the newest holds. body: theme, messages, guidance, offices, signer, recipients, outline, indicators.
create table campaign.editions (
  year integer not null,
  version integer not null,
  province text not null,
  starts_on date not null,
  ends_on date not null,
  units_due_on date not null,
  department_due_on date not null,
  body jsonb not null,
  by_user uuid not null references auth.users (id),
  at timestamptz not null default now(),
  constraint edition_is_written_once primary key (year, version),
  constraint campaign_has_a_likely_year check (year between 2016 and 2100),
  constraint campaign_begins_in_its_year check (extract(year from starts_on) = year),
  constraint campaign_ends_after_it_begins check (ends_on > starts_on),
  constraint units_report_after_it_begins check (units_due_on > starts_on),
  constraint department_reports_after_its_units check (department_due_on > units_due_on),
  constraint edition_counts_from_one check (version >= 1)
);

create table campaign.units (
  id uuid primary key,
  year integer not null,
  code text not null,
  name text not null,
  kind text not null,
  level text not null,
  area text,
  organisation_id uuid references organisations (id),
  position integer not null,
  added_at timestamptz not null default now(),
  removed_at timestamptz,
  constraint unit_code_is_unique_in_its_year unique (year, code),
  constraint unit_level_is_known check (level in ('PROVINCE', 'DISTRICT', 'COMMUNE')),
  constraint unit_code_is_short check (code ~ '^[a-z0-9-]{1,40}$'),
  constraint unit_has_a_name check (length(name) between 1 and 200)
);
create index units_of_organisation on campaign.units (organisation_id) where organisation_id is not null;

-- ------------------------------------------------------------------ what a unit reports

-- Whether the figures of a handed-in report can be at all. Drafts may hold anything that can be read.
create function campaign.sound(p_body jsonb) returns boolean language sql immutable set search_path = pg_catalog, pg_temp as $$
  select not exists (
           select 1 from jsonb_array_elements(coalesce(p_body -> 'indicators', '[]')) i
            where coalesce((i ->> 'women')::bigint, 0) > coalesce((i ->> 'participants')::bigint, 0)
               or coalesce((i ->> 'participants')::bigint, 0) < 0 or coalesce((i ->> 'women')::bigint, 0) < 0
               or exists (select 1 from jsonb_each(coalesce(i -> 'quantity', '{}')) q where (q.value #>> '{}')::bigint < 0))
     and not exists (
           select 1 from jsonb_array_elements(coalesce(p_body -> 'events', '[]')) e
            where coalesce((e ->> 'women')::bigint, 0) > coalesce((e ->> 'participants')::bigint, 0) or coalesce((e ->> 'women')::bigint, 0) < 0)
     and not exists (
           select 1 from jsonb_array_elements(coalesce(p_body -> 'budget', '[]')) b where coalesce((b ->> 'thousand_dong')::bigint, 0) < 0)
$$;

create table campaign.reports (
  unit_id uuid primary key references campaign.units (id),
  state text not null default 'EMPTY',
  version integer not null default 1,
  body jsonb not null default '{}',
  updated_at timestamptz not null default now(),
  updated_by uuid references auth.users (id),
  constraint report_state_is_known check (state in ('EMPTY', 'DRAFT', 'SUBMITTED', 'RETURNED', 'SUPPLEMENTING', 'SUPPLEMENTED'))
);

create table campaign.submissions (
  id uuid primary key,
  unit_id uuid not null references campaign.units (id),
  number integer not null,
  kind text not null,
  body text not null,
  sha256 text not null,
  late boolean not null,
  at timestamptz not null default now(),
  by_user uuid not null references auth.users (id),
  constraint submission_is_counted_once unique (unit_id, number),
  constraint submission_kind_is_known check (kind in ('MAIN', 'SUPPLEMENT')),
  constraint submission_hash_is_of_its_text check (sha256 = encode(sha256(convert_to(body, 'UTF8')), 'hex')),
  constraint submission_can_be check (campaign.sound(body::jsonb))
);

-- Who did what when. A report changes its state by a row here and by nothing else.
create table campaign.moves (
  id uuid primary key,
  unit_id uuid not null references campaign.units (id),
  move text not null,
  from_state text not null,
  to_state text not null,
  at timestamptz not null default now(),
  by_user uuid not null references auth.users (id),
  reason text,
  submission_id uuid references campaign.submissions (id),
  constraint return_has_a_reason check ((move = 'return') = (reason is not null)),
  constraint move_reason_is_short check (length(reason) <= 2000)
);
create index moves_of_unit on campaign.moves (unit_id, at);

create table campaign.reminders (
  id uuid primary key,
  unit_id uuid not null references campaign.units (id),
  on_day date not null,
  at timestamptz not null default now(),
  by_user uuid not null references auth.users (id),
  told integer not null,
  constraint unit_is_reminded_once_a_day unique (unit_id, on_day)
);

-- ------------------------------------------------------------------ what the department reports

create table campaign.drafts (
  year integer primary key,
  version integer not null default 1,
  body jsonb not null default '{}',
  updated_at timestamptz not null default now(),
  updated_by uuid references auth.users (id)
);

create table campaign.versions (
  id uuid primary key,
  year integer not null,
  number integer not null,
  state text not null default 'PREPARED',
  body text not null,
  sha256 text not null,
  cut_off timestamptz not null,
  prepared_by uuid not null references auth.users (id),
  prepared_at timestamptz not null default now(),
  decided_by uuid references auth.users (id),
  decided_at timestamptz,
  reason text,
  published_by uuid references auth.users (id),
  published_at timestamptz,
  constraint version_is_counted_once unique (year, number),
  constraint version_state_is_known check (state in ('PREPARED', 'REJECTED', 'APPROVED', 'PUBLISHED', 'SUPERSEDED')),
  constraint version_hash_is_of_its_text check (sha256 = encode(sha256(convert_to(body, 'UTF8')), 'hex')),
  constraint reader_is_not_the_preparer check (decided_by <> prepared_by),
  constraint version_is_decided_by_somebody check ((state = 'PREPARED') = (decided_by is null) and (decided_by is null) = (decided_at is null)),
  constraint version_is_rejected_for_a_reason check ((state = 'REJECTED') = (reason is not null)),
  constraint version_is_published_by_somebody check ((state in ('PUBLISHED', 'SUPERSEDED')) = (published_by is not null and published_at is not null)),
  constraint publisher_is_not_the_preparer check (published_by <> prepared_by)
);
create unique index version_waits_alone on campaign.versions (year) where state in ('PREPARED', 'APPROVED');
create unique index version_is_in_force_alone on campaign.versions (year) where state = 'PUBLISHED';

create table campaign.version_units (
  version_id uuid not null references campaign.versions (id),
  unit_id uuid not null references campaign.units (id),
  submission_id uuid references campaign.submissions (id),
  constraint unit_stands_once_in_a_version primary key (version_id, unit_id)
);

create table campaign.version_figures (
  version_id uuid not null references campaign.versions (id),
  key text not null,
  release_id uuid not null,
  table_id text not null,
  dims text not null,
  count bigint,
  lower bigint not null,
  upper bigint not null,
  constraint figure_stands_once_in_a_version primary key (version_id, key)
);

-- ------------------------------------------------------------------ what never changes

create function campaign.refuse_change() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  raise exception 'what was reported is never changed' using errcode = 'BA500';
end $$;
create trigger editions_are_never_changed before update or delete or truncate on campaign.editions for each statement execute function campaign.refuse_change();
create trigger submissions_are_never_changed before update or delete or truncate on campaign.submissions for each statement execute function campaign.refuse_change();
create trigger moves_are_never_changed before update or delete or truncate on campaign.moves for each statement execute function campaign.refuse_change();
create trigger reminders_are_never_changed before update or delete or truncate on campaign.reminders for each statement execute function campaign.refuse_change();
create trigger reports_are_never_removed before delete or truncate on campaign.reports for each statement execute function campaign.refuse_change();
create trigger versions_are_never_removed before delete or truncate on campaign.versions for each statement execute function campaign.refuse_change();
create trigger version_units_are_never_changed before update or delete or truncate on campaign.version_units for each statement execute function campaign.refuse_change();
create trigger version_figures_are_never_changed before update or delete or truncate on campaign.version_figures for each statement execute function campaign.refuse_change();

-- ------------------------------------------------------------------ who may

-- The role of whoever is in session; nobody but the operator works without one.
create function campaign.department() returns boolean language sql stable set search_path = pg_catalog, pg_temp as $$
  select rights.office() in ('STAT_OFFICER', 'STAT_APPROVER')
$$;

-- A reporter writes for her own unit; the department for a unit that has no account, from the paper that it sent.
create function campaign.writes(p_unit uuid) returns boolean language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare org uuid; there boolean; role text := rights.office();
begin
  select u.organisation_id, true into org, there from campaign.units u where u.id = p_unit and u.removed_at is null;
  return coalesce(there, false) and case role when 'UNIT_REPORTER' then org is not null and org = auth.org_id() when 'STAT_OFFICER' then org is null else false end;
end $$;

create function campaign.legal_move(p_move text, p_from text, p_to text) returns boolean language sql immutable set search_path = pg_catalog, pg_temp as $$
  select (p_move, p_from, p_to) in (values
    ('submission', 'DRAFT', 'SUBMITTED'), ('submission', 'RETURNED', 'SUBMITTED'), ('submission', 'SUPPLEMENTING', 'SUPPLEMENTED'),
    ('return', 'SUBMITTED', 'RETURNED'), ('return', 'SUPPLEMENTED', 'RETURNED'),
    ('supplement', 'SUBMITTED', 'SUPPLEMENTING'), ('supplement', 'SUPPLEMENTED', 'SUPPLEMENTING'))
$$;

create function campaign.legal_step(p_from text, p_to text) returns boolean language sql immutable set search_path = pg_catalog, pg_temp as $$
  select (p_from, p_to) in (values ('PREPARED', 'APPROVED'), ('PREPARED', 'REJECTED'), ('APPROVED', 'PUBLISHED'), ('PUBLISHED', 'SUPERSEDED'))
$$;

-- ------------------------------------------------------------------ how a report moves

create function campaign.begin_report() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into campaign.reports (unit_id) values (new.id);
  return null;
end $$;
create trigger unit_has_a_report after insert on campaign.units for each row execute function campaign.begin_report();

-- A draft is written where a draft is open; writing in an empty one begins it.
create function campaign.check_draft() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if current_user <> 'binhan_app' then
    return new;
  end if;
  if old.state not in ('EMPTY', 'DRAFT', 'RETURNED', 'SUPPLEMENTING') or new.state <> old.state or new.version <> old.version + 1 or new.unit_id <> old.unit_id then
    raise exception 'a report that was handed in is not written in' using errcode = '23514', constraint = 'report_is_not_open', schema = 'campaign', table = 'reports';
  end if;
  if old.state = 'EMPTY' then
    new.state := 'DRAFT';
  end if;
  new.updated_by := auth.user_id();
  new.updated_at := now();
  return new;
end $$;
create trigger draft_is_open before update on campaign.reports for each row execute function campaign.check_draft();

create function campaign.check_submission() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare r record; due date;
begin
  if auth.user_id() is null then
    return new; -- the operator, who fills the demo world
  end if;
  select p.state, u.year into r from campaign.reports p join campaign.units u on u.id = p.unit_id where p.unit_id = new.unit_id for update of p;
  select e.units_due_on into due from campaign.editions e where e.year = r.year order by e.version desc limit 1;
  new.by_user := auth.user_id();
  new.at := now();
  new.kind := case when r.state = 'SUPPLEMENTING' then 'SUPPLEMENT' else 'MAIN' end;
  new.late := (now() at time zone 'Asia/Ho_Chi_Minh')::date >= due;
  new.number := 1 + coalesce((select max(s.number) from campaign.submissions s where s.unit_id = new.unit_id), 0);
  return new;
end $$;
create trigger submission_tells_the_truth before insert on campaign.submissions for each row execute function campaign.check_submission();

create function campaign.move_report() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare s text; me uuid := auth.user_id();
begin
  select p.state into s from campaign.reports p where p.unit_id = new.unit_id for update;
  if s is distinct from new.from_state or not campaign.legal_move(new.move, new.from_state, new.to_state) then
    raise exception 'the report cannot move so' using errcode = '23514', constraint = 'report_moves_legally', schema = 'campaign', table = 'moves';
  end if;
  if me is not null then
    if new.move = 'return' and rights.office() <> 'STAT_OFFICER' or new.move <> 'return' and not campaign.writes(new.unit_id) then
      raise exception 'not hers to move' using errcode = 'BA403';
    end if;
    new.by_user := me;
    new.at := now();
  end if;
  update campaign.reports set state = new.to_state, version = version + 1, updated_at = new.at, updated_by = new.by_user where unit_id = new.unit_id;
  return new;
end $$;
create trigger report_moves_legally before insert on campaign.moves for each row execute function campaign.move_report();

-- Tells the reporters of a unit that its report is awaited; once a day. Gives how many were told.
create function campaign.remind(p_id uuid, p_unit uuid) returns integer language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare org uuid; n integer := 0; p uuid;
begin
  if rights.office() <> 'STAT_OFFICER' then
    raise exception 'not hers to remind' using errcode = 'BA403';
  end if;
  select u.organisation_id into org from campaign.units u join campaign.reports r on r.unit_id = u.id
   where u.id = p_unit and u.removed_at is null and r.state in ('EMPTY', 'DRAFT', 'RETURNED', 'SUPPLEMENTING');
  if org is not null then
    for p in select distinct m.user_id from auth.memberships m join auth.users x on x.id = m.user_id
              where m.organisation_id = org and m.role = 'UNIT_REPORTER' and x.disabled_at is null and (m.valid_to is null or m.valid_to > now()) loop
      perform standing.tell(p, 'campaign_reminder', null, p_unit);
      n := n + 1;
    end loop;
  end if;
  insert into campaign.reminders (id, unit_id, on_day, by_user, told) values (p_id, p_unit, (now() at time zone 'Asia/Ho_Chi_Minh')::date, auth.user_id(), n);
  return n;
end $$;

-- Tells the reporters of a unit that its report came back.
create function campaign.tell_returned(p_unit uuid) returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare p uuid;
begin
  if rights.office() <> 'STAT_OFFICER' then
    raise exception 'not hers to tell' using errcode = 'BA403';
  end if;
  for p in select distinct m.user_id from campaign.units u join auth.memberships m on m.organisation_id = u.organisation_id join auth.users x on x.id = m.user_id
            where u.id = p_unit and m.role = 'UNIT_REPORTER' and x.disabled_at is null and (m.valid_to is null or m.valid_to > now()) loop
    perform standing.tell(p, 'campaign_returned', null, p_unit);
  end loop;
end $$;

-- ------------------------------------------------------------------ how a version moves

create function campaign.check_edition() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if current_user = 'binhan_app' then
    new.by_user := auth.user_id();
    new.at := now();
  end if;
  if new.version <> 1 + coalesce((select max(e.version) from campaign.editions e where e.year = new.year), 0) then
    raise exception 'editions follow each other' using errcode = '23505', constraint = 'edition_is_written_once', schema = 'campaign', table = 'editions';
  end if;
  return new;
end $$;
create trigger edition_follows_the_last before insert on campaign.editions for each row execute function campaign.check_edition();

create function campaign.check_version() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
declare me uuid := auth.user_id(); role text := rights.office();
begin
  if me is null then
    raise exception 'no such session' using errcode = 'BA401';
  end if;
  if tg_op = 'INSERT' then
    if role <> 'STAT_OFFICER' or new.state <> 'PREPARED' then
      raise exception 'a version is prepared by an officer' using errcode = 'BA403';
    end if;
    new.number := 1 + coalesce((select max(v.number) from campaign.versions v where v.year = new.year), 0);
    new.prepared_by := me;
    new.prepared_at := now();
    return new;
  end if;
  if (new.id, new.year, new.number, new.body, new.sha256, new.cut_off, new.prepared_by, new.prepared_at)
       is distinct from (old.id, old.year, old.number, old.body, old.sha256, old.cut_off, old.prepared_by, old.prepared_at)
     or not campaign.legal_step(old.state, new.state)
     or old.decided_by is not null and (new.decided_by, new.decided_at, new.reason) is distinct from (old.decided_by, old.decided_at, old.reason)
     or old.published_by is not null and (new.published_by, new.published_at) is distinct from (old.published_by, old.published_at) then
    raise exception 'a frozen version is never edited' using errcode = '23514', constraint = 'version_moves_legally', schema = 'campaign', table = 'versions';
  end if;
  if role <> 'STAT_APPROVER' then
    raise exception 'not hers to decide' using errcode = 'BA403';
  end if;
  if old.decided_by is null then
    new.decided_by := me;
    new.decided_at := now();
  end if;
  if new.state = 'PUBLISHED' then
    new.published_by := me;
    new.published_at := now();
  end if;
  return new;
end $$;
create trigger version_moves_legally before insert or update on campaign.versions for each row execute function campaign.check_version();

-- A figure of cases is a cell of a published release, number and interval, or it is refused.
create function campaign.check_figure() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if not exists (select 1 from stats.published_cells c where c.release_id = new.release_id and c.table_id = new.table_id and c.dims = new.dims
                                                         and c.count is not distinct from new.count and c.lower = new.lower and c.upper = new.upper) then
    raise exception 'no published cell says so' using errcode = '23514', constraint = 'figure_is_published', schema = 'campaign', table = 'version_figures';
  end if;
  return new;
end $$;
create trigger figure_is_published before insert on campaign.version_figures for each row execute function campaign.check_figure();

-- ------------------------------------------------------------------ the second wall

alter table campaign.editions enable row level security;
create policy seen on campaign.editions for select to binhan_app using ((select rights.office()) in ('STAT_OFFICER', 'STAT_APPROVER', 'UNIT_REPORTER'));
create policy written on campaign.editions for insert to binhan_app with check ((select rights.office()) = 'STAT_OFFICER');
alter table campaign.units enable row level security;
create policy seen on campaign.units for select to binhan_app
  using ((select campaign.department()) or (select rights.office()) = 'UNIT_REPORTER' and organisation_id = (select auth.org_id()));
create policy written on campaign.units for insert to binhan_app with check ((select rights.office()) = 'STAT_OFFICER');
create policy changed on campaign.units for update to binhan_app using ((select rights.office()) = 'STAT_OFFICER') with check ((select rights.office()) = 'STAT_OFFICER');
alter table campaign.reports enable row level security;
create policy seen on campaign.reports for select to binhan_app using (exists (select 1 from campaign.units u where u.id = unit_id));
create policy written on campaign.reports for update to binhan_app using (campaign.writes(unit_id)) with check (campaign.writes(unit_id));
alter table campaign.submissions enable row level security;
create policy seen on campaign.submissions for select to binhan_app using (exists (select 1 from campaign.units u where u.id = unit_id));
create policy written on campaign.submissions for insert to binhan_app with check (campaign.writes(unit_id));
alter table campaign.moves enable row level security;
create policy seen on campaign.moves for select to binhan_app using (exists (select 1 from campaign.units u where u.id = unit_id));
create policy written on campaign.moves for insert to binhan_app with check (exists (select 1 from campaign.units u where u.id = unit_id));
alter table campaign.reminders enable row level security;
create policy seen on campaign.reminders for select to binhan_app using (exists (select 1 from campaign.units u where u.id = unit_id));
alter table campaign.drafts enable row level security;
create policy seen on campaign.drafts for select to binhan_app using ((select campaign.department()));
create policy written on campaign.drafts for insert to binhan_app with check ((select rights.office()) = 'STAT_OFFICER');
create policy changed on campaign.drafts for update to binhan_app using ((select rights.office()) = 'STAT_OFFICER') with check ((select rights.office()) = 'STAT_OFFICER');
alter table campaign.versions enable row level security;
create policy seen on campaign.versions for select to binhan_app
  using ((select campaign.department()) or (select rights.office()) = 'UNIT_REPORTER' and state in ('PUBLISHED', 'SUPERSEDED'));
create policy written on campaign.versions for insert to binhan_app with check ((select rights.office()) = 'STAT_OFFICER');
create policy changed on campaign.versions for update to binhan_app using ((select rights.office()) = 'STAT_APPROVER') with check ((select rights.office()) = 'STAT_APPROVER');
alter table campaign.version_units enable row level security;
create policy seen on campaign.version_units for select to binhan_app using (exists (select 1 from campaign.versions v where v.id = version_id));
create policy written on campaign.version_units for insert to binhan_app with check ((select rights.office()) = 'STAT_OFFICER');
alter table campaign.version_figures enable row level security;
create policy seen on campaign.version_figures for select to binhan_app using (exists (select 1 from campaign.versions v where v.id = version_id));
create policy written on campaign.version_figures for insert to binhan_app with check ((select rights.office()) = 'STAT_OFFICER');

grant select, insert on campaign.editions, campaign.units, campaign.submissions, campaign.moves, campaign.drafts, campaign.versions, campaign.version_units, campaign.version_figures to binhan_app;
grant select on campaign.reports, campaign.reminders to binhan_app;
grant update (organisation_id, removed_at) on campaign.units to binhan_app;
grant update (body, version) on campaign.reports to binhan_app;
grant update (body, version, updated_at, updated_by) on campaign.drafts to binhan_app;
grant update (state, reason) on campaign.versions to binhan_app;

revoke execute on all functions in schema campaign from public;
grant execute on function campaign.department(), campaign.writes(uuid), campaign.legal_move(text, text, text), campaign.legal_step(text, text), campaign.sound(jsonb), campaign.remind(uuid, uuid),
  campaign.tell_returned(uuid) to binhan_app;

comment on column campaign.editions.year is 'public: the year';
comment on column campaign.editions.version is 'operational: counts the changes of its settings';
comment on column campaign.editions.province is 'public: list admin_province';
comment on column campaign.editions.starts_on is 'public: first day';
comment on column campaign.editions.ends_on is 'public: last day';
comment on column campaign.editions.units_due_on is 'public: units report before this day';
comment on column campaign.editions.department_due_on is 'public: the department reports before this day';
comment on column campaign.editions.body is 'operational: theme, messages, guidance, offices, signer, recipients, outline, indicators';
comment on column campaign.editions.by_user is 'operational: who wrote it';
comment on column campaign.editions.at is 'operational: when';
comment on column campaign.units.id is 'operational: random id';
comment on column campaign.units.year is 'public: the year';
comment on column campaign.units.code is 'operational: short name in addresses';
comment on column campaign.units.name is 'public: name of the office';
comment on column campaign.units.kind is 'operational: list agency_type';
comment on column campaign.units.level is 'operational: list campaign_level';
comment on column campaign.units.area is 'public: district or commune, of the lists of its time';
comment on column campaign.units.organisation_id is 'operational: whose reporter writes; empty: the department does, from paper';
comment on column campaign.units.position is 'operational: order in lists';
comment on column campaign.units.added_at is 'operational: when it was added';
comment on column campaign.units.removed_at is 'operational: when it was taken off the list';
comment on column campaign.reports.unit_id is 'operational: the unit';
comment on column campaign.reports.state is 'operational: where the report stands';
comment on column campaign.reports.version is 'operational: counts changes';
comment on column campaign.reports.body is 'operational: draft: section texts, counts of activities, money; nothing of any case';
comment on column campaign.reports.updated_at is 'operational: last written';
comment on column campaign.reports.updated_by is 'operational: by whom';
comment on column campaign.submissions.id is 'operational: random id';
comment on column campaign.submissions.unit_id is 'operational: the unit';
comment on column campaign.submissions.number is 'operational: counts what the unit handed in';
comment on column campaign.submissions.kind is 'operational: MAIN or SUPPLEMENT';
comment on column campaign.submissions.body is 'operational: what was handed in, as JSON';
comment on column campaign.submissions.sha256 is 'operational: hash of body';
comment on column campaign.submissions.late is 'operational: on or after the day by which units report';
comment on column campaign.submissions.at is 'operational: when';
comment on column campaign.submissions.by_user is 'operational: who';
comment on column campaign.moves.id is 'operational: random id';
comment on column campaign.moves.unit_id is 'operational: the unit';
comment on column campaign.moves.move is 'operational: which step';
comment on column campaign.moves.from_state is 'operational: from';
comment on column campaign.moves.to_state is 'operational: to';
comment on column campaign.moves.at is 'operational: when';
comment on column campaign.moves.by_user is 'operational: who';
comment on column campaign.moves.reason is 'operational: why it was returned; about figures, never about a person';
comment on column campaign.moves.submission_id is 'operational: what was handed in or returned';
comment on column campaign.reminders.id is 'operational: random id';
comment on column campaign.reminders.unit_id is 'operational: the unit';
comment on column campaign.reminders.on_day is 'operational: on which day';
comment on column campaign.reminders.at is 'operational: when';
comment on column campaign.reminders.by_user is 'operational: who';
comment on column campaign.reminders.told is 'operational: how many reporters were told';
comment on column campaign.drafts.year is 'public: the year';
comment on column campaign.drafts.version is 'operational: counts changes';
comment on column campaign.drafts.body is 'operational: texts of the report in work, and which release it reads';
comment on column campaign.drafts.updated_at is 'operational: last written';
comment on column campaign.drafts.updated_by is 'operational: by whom';
comment on column campaign.versions.id is 'operational: random id';
comment on column campaign.versions.year is 'public: the year';
comment on column campaign.versions.number is 'operational: counts versions';
comment on column campaign.versions.state is 'operational: where it stands';
comment on column campaign.versions.body is 'operational: the frozen report and its consolidation, as JSON';
comment on column campaign.versions.sha256 is 'operational: hash of body';
comment on column campaign.versions.cut_off is 'operational: what came later is not in it';
comment on column campaign.versions.prepared_by is 'operational: who prepared it';
comment on column campaign.versions.prepared_at is 'operational: when';
comment on column campaign.versions.decided_by is 'operational: the second reader';
comment on column campaign.versions.decided_at is 'operational: when';
comment on column campaign.versions.reason is 'operational: why it was sent back';
comment on column campaign.versions.published_by is 'operational: who published it';
comment on column campaign.versions.published_at is 'operational: when';
comment on column campaign.version_units.version_id is 'operational: the version';
comment on column campaign.version_units.unit_id is 'operational: the unit';
comment on column campaign.version_units.submission_id is 'operational: what of it is counted; empty: it had not reported';
comment on column campaign.version_figures.version_id is 'operational: the version';
comment on column campaign.version_figures.key is 'operational: its name in the text';
comment on column campaign.version_figures.release_id is 'public: the published release';
comment on column campaign.version_figures.table_id is 'public: its table';
comment on column campaign.version_figures.dims is 'public: the cell';
comment on column campaign.version_figures.count is 'public: the number, empty when withheld';
comment on column campaign.version_figures.lower is 'public: lower end of the interval';
comment on column campaign.version_figures.upper is 'public: upper end';

reset role;
-- +goose StatementEnd
