-- +goose Up
-- +goose StatementBegin

-- The rights of the person concerned (Law 91/2025/QH15, Decree 356/2025/NĐ-CP): her requests with their clocks, restriction, closing and reopening, the sealed
-- history of corrections, terms and legal holds, erasure by two, breaches, agreements with partners.
--
-- The data protection officer stands on no case. She sees the rows of schema rights by her office, codes and dates; content stays behind the standings of
-- the holder. What must not happen to a restricted, closed or erased case is refused by triggers on the case tables, whoever writes.

set role binhan_owner;

create schema rights;
grant usage, create on schema rights to binhan_keeper;
grant usage on schema rights to binhan_app, binhan_migrator;

-- ------------------------------------------------------------------ requests

create table rights.requests (
  id uuid primary key,
  code text not null constraint request_code_is_unique unique,
  case_id uuid references cases (id),
  case_code text,
  kind text not null,
  asked_by text not null,
  identity_check text not null,
  third_party boolean not null,
  received_at timestamptz not null,
  registered_at timestamptz not null,
  registered_by uuid not null references auth.users (id),
  state text not null default 'RECEIVED',
  due_reply timestamptz not null,
  due_act timestamptz not null,
  law text not null,
  days text not null,
  acknowledged_at timestamptz,
  extended_at timestamptz,
  extension_code text,
  ended_at timestamptz,
  ground text,
  version integer not null default 1,
  sealed bytea,
  constraint request_state_is_known check (state in ('RECEIVED', 'ACKNOWLEDGED', 'IN_WORK', 'EXTENDED', 'DONE', 'REFUSED', 'TAKEN_BACK')),
  constraint request_is_received_before_it_is_registered check (received_at <= registered_at + interval '5 minutes'),
  constraint request_clock_runs_forward check (due_reply > received_at and due_act > received_at),
  constraint request_is_refused_on_a_ground check ((state = 'REFUSED') = (ground is not null)),
  constraint request_is_extended_for_a_reason check ((extended_at is null) = (extension_code is null)),
  constraint request_ends_once check ((state in ('DONE', 'REFUSED', 'TAKEN_BACK')) = (ended_at is not null))
);
create index requests_of_case on rights.requests (case_id);
create index requests_open on rights.requests (due_act) where ended_at is null;
create unique index request_is_asked_once on rights.requests (case_id, kind) where ended_at is null and case_id is not null;

create table rights.request_keys (
  request_id uuid primary key references rights.requests (id),
  case_id uuid references cases (id),
  narrative bytea not null
);

create table rights.request_moves (
  id uuid primary key,
  request_id uuid not null references rights.requests (id),
  case_id uuid references cases (id),
  move text not null,
  from_state text not null,
  to_state text not null,
  at timestamptz not null,
  by_user uuid not null references auth.users (id),
  code text,
  sealed bytea
);
create index moves_of_request on rights.request_moves (request_id, at);

-- ------------------------------------------------------------------ restriction, hold, term, copy

create table rights.restrictions (
  id uuid primary key,
  case_id uuid not null references cases (id),
  case_code text not null,
  ground text not null,
  request_id uuid references rights.requests (id),
  set_by uuid not null references auth.users (id),
  set_at timestamptz not null default now(),
  lifted_by uuid references auth.users (id),
  lifted_at timestamptz,
  lift_ground text,
  constraint restriction_is_lifted_by_somebody check ((lifted_at is null) = (lifted_by is null) and (lifted_at is null) = (lift_ground is null))
);
create unique index case_is_restricted_once on rights.restrictions (case_id) where lifted_at is null;

create table rights.holds (
  id uuid primary key,
  case_id uuid not null references cases (id),
  case_code text not null,
  ground text not null,
  until date,
  set_by uuid not null references auth.users (id),
  set_at timestamptz not null default now(),
  lifted_by uuid references auth.users (id),
  lifted_at timestamptz,
  constraint hold_is_lifted_by_somebody check ((lifted_at is null) = (lifted_by is null))
);
create unique index case_is_held_once on rights.holds (case_id, ground) where lifted_at is null;

create table rights.terms (
  case_id uuid primary key references cases (id),
  rule text not null,
  starts_on date not null,
  keep_until date not null,
  constraint term_runs_forward check (keep_until > starts_on)
);

create table rights.copies (
  id uuid primary key,
  case_id uuid not null references cases (id),
  request_id uuid references rights.requests (id),
  made_by uuid not null references auth.users (id),
  made_at timestamptz not null default now(),
  with_files boolean not null,
  protected boolean not null
);
create index copies_of_case on rights.copies (case_id);

-- ------------------------------------------------------------------ erasure

create table rights.erasures (
  id uuid primary key,
  code text not null constraint erasure_code_is_unique unique,
  case_id uuid not null references cases (id),
  case_code text not null,
  ground text not null,
  request_id uuid references rights.requests (id),
  opened_on date,
  closed_on date,
  state text not null default 'PROPOSED',
  proposed_by uuid not null references auth.users (id),
  proposed_at timestamptz not null default now(),
  first_by uuid references auth.users (id),
  first_as text,
  first_at timestamptz,
  second_by uuid references auth.users (id),
  second_as text,
  second_at timestamptz,
  refused_by uuid references auth.users (id),
  refused_at timestamptz,
  done_at timestamptz,
  keys integer not null default 0,
  snapshots integer not null default 0,
  sealed_values integer not null default 0,
  files integer not null default 0,
  files_held integer not null default 0,
  constraint erasure_state_is_known check (state in ('PROPOSED', 'HALF', 'APPROVED', 'DONE', 'REFUSED')),
  constraint erasure_ground_is_known check (ground in ('REQUEST', 'TERM', 'CONSENT', 'ORDER')),
  constraint erasure_on_request_names_it check ((ground = 'REQUEST') = (request_id is not null)),
  constraint erasure_is_decided_by_two_others check (first_by <> proposed_by and second_by <> proposed_by and second_by <> first_by),
  constraint erasure_needs_the_data_protection_officer check (second_as is null or first_as = 'DPO' or second_as = 'DPO'),
  constraint erasure_is_approved_before_it_is_done check ((state in ('APPROVED', 'DONE')) <= (first_by is not null and second_by is not null)),
  constraint erasure_is_done_once check ((state = 'DONE') = (done_at is not null)),
  constraint erasure_is_refused_by_somebody check ((state = 'REFUSED') = (refused_by is not null))
);
create unique index case_is_erased_once on rights.erasures (case_id) where state <> 'REFUSED';

-- ------------------------------------------------------------------ breaches and agreements

create table rights.breaches (
  id uuid primary key,
  code text not null constraint breach_code_is_unique unique,
  detected_at timestamptz not null,
  kind text not null,
  serious boolean not null,
  classes text[] not null,
  people integer,
  state text not null default 'OPEN',
  due_first timestamptz,
  due_notice timestamptz not null,
  first_sent_at timestamptz,
  notice_sent_at timestamptz,
  persons_told_at timestamptz,
  closed_at timestamptz,
  recorded_by uuid not null references auth.users (id),
  recorded_at timestamptz not null default now(),
  version integer not null default 1,
  sealed bytea not null,
  constraint breach_state_is_known check (state in ('OPEN', 'CONTAINED', 'NOTIFIED', 'CLOSED')),
  constraint breach_concerns_nobody_or_somebody check (people >= 0),
  constraint breach_is_detected_before_it_is_recorded check (detected_at <= recorded_at + interval '5 minutes'),
  constraint serious_breach_has_a_first_clock check (serious = (due_first is not null)),
  constraint breach_is_closed_after_notice check ((state = 'CLOSED') <= (notice_sent_at is not null and closed_at is not null))
);

create table rights.breach_keys (
  breach_id uuid primary key references rights.breaches (id),
  narrative bytea not null
);

create table rights.breach_minutes (
  id uuid primary key,
  breach_id uuid not null references rights.breaches (id),
  at timestamptz not null,
  happened_at timestamptz not null,
  by_user uuid not null references auth.users (id),
  move text not null,
  sealed bytea
);
create index minutes_of_breach on rights.breach_minutes (breach_id, at);

create table rights.agreements (
  id uuid primary key,
  organisation_id uuid not null references organisations (id),
  number text not null,
  signed_on date not null,
  valid_from date not null,
  valid_to date,
  purposes text[] not null,
  recorded_by uuid not null references auth.users (id),
  recorded_at timestamptz not null default now(),
  constraint agreement_ends_after_start check (valid_to is null or valid_to >= valid_from),
  constraint agreement_is_signed_before_it_counts check (valid_from >= signed_on),
  constraint agreement_is_recorded_once unique (organisation_id, number)
);

-- ------------------------------------------------------------------ closing, and what stood before a correction

create table case_closures (
  id uuid primary key,
  case_id uuid not null references cases (id),
  move text not null,
  reason text not null,
  at timestamptz not null,
  by_user uuid not null references auth.users (id),
  note bytea,
  constraint closure_move_is_known check (move in ('closure', 'reopening'))
);
create index closures_of_case on case_closures (case_id, at);

create table case_history (
  id uuid primary key,
  case_id uuid not null references cases (id),
  version integer not null,
  at timestamptz not null,
  by_user uuid not null references auth.users (id),
  fields text[] not null,
  identity bytea,
  safety bytea,
  narrative bytea,
  constraint correction_names_its_fields check (cardinality(fields) > 0),
  constraint version_was_corrected_once unique (case_id, version)
);

-- ------------------------------------------------------------------ what is added and never changed

create function rights.refuse_change() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if current_user = 'binhan_keeper' then -- the shred empties what was sealed, and deletes no line that counts
    return coalesce(new, old);
  end if;
  raise exception 'what was written about rights is never changed' using errcode = 'BA500';
end $$;
create trigger moves_are_never_changed before update or delete on rights.request_moves for each row execute function rights.refuse_change();
create trigger minutes_are_never_changed before update or delete on rights.breach_minutes for each row execute function rights.refuse_change();
create trigger copies_are_never_changed before update or delete on rights.copies for each row execute function rights.refuse_change();
create trigger history_is_never_changed before update or delete on case_history for each row execute function rights.refuse_change();
create trigger closures_are_never_changed before update or delete on case_closures for each row execute function rights.refuse_change();
create trigger requests_are_never_removed before delete on rights.requests for each row execute function rights.refuse_change();
create trigger breaches_are_never_removed before delete on rights.breaches for each row execute function rights.refuse_change();

-- The moves of a request, and its one extension. The machine in internal/rights decides; this is the wall behind it.
create function rights.request_moves_legally() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if (new.id, new.code, new.case_id, new.case_code, new.kind, new.asked_by, new.identity_check, new.third_party, new.received_at, new.registered_at, new.registered_by, new.due_reply, new.law, new.days)
       is distinct from (old.id, old.code, old.case_id, old.case_code, old.kind, old.asked_by, old.identity_check, old.third_party, old.received_at, old.registered_at, old.registered_by, old.due_reply, old.law, old.days)
     or old.extended_at is not null and (new.extended_at is distinct from old.extended_at or new.due_act <> old.due_act)
     or old.extended_at is null and (new.extended_at is not null) <> (new.due_act <> old.due_act)
     or new.due_act < old.due_act
     or new.state <> old.state and not (old.state || '>' || new.state = any (array[
       'RECEIVED>ACKNOWLEDGED', 'RECEIVED>REFUSED', 'RECEIVED>TAKEN_BACK', 'ACKNOWLEDGED>IN_WORK', 'ACKNOWLEDGED>EXTENDED', 'ACKNOWLEDGED>DONE', 'ACKNOWLEDGED>REFUSED',
       'ACKNOWLEDGED>TAKEN_BACK', 'IN_WORK>EXTENDED', 'IN_WORK>DONE', 'IN_WORK>REFUSED', 'IN_WORK>TAKEN_BACK', 'EXTENDED>DONE', 'EXTENDED>REFUSED', 'EXTENDED>TAKEN_BACK'])) then
    raise exception 'no such move of a request' using errcode = 'BA427';
  end if;
  return new;
end $$;
create trigger request_moves_legally before update on rights.requests for each row when (current_user <> 'binhan_keeper') execute function rights.request_moves_legally();

create function rights.breach_moves_legally() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if (new.id, new.code, new.detected_at, new.kind, new.serious, new.due_first, new.due_notice, new.recorded_by, new.recorded_at)
       is distinct from (old.id, old.code, old.detected_at, old.kind, old.serious, old.due_first, old.due_notice, old.recorded_by, old.recorded_at)
     or old.first_sent_at is not null and new.first_sent_at is distinct from old.first_sent_at
     or old.notice_sent_at is not null and new.notice_sent_at is distinct from old.notice_sent_at
     or old.persons_told_at is not null and new.persons_told_at is distinct from old.persons_told_at
     or old.state = 'CLOSED'
     or new.state <> old.state and not (old.state || '>' || new.state = any (array['OPEN>CONTAINED', 'OPEN>NOTIFIED', 'CONTAINED>NOTIFIED', 'NOTIFIED>CLOSED'])) then
    raise exception 'no such move of a breach' using errcode = 'BA427';
  end if;
  return new;
end $$;
create trigger breach_moves_legally before update on rights.breaches for each row execute function rights.breach_moves_legally();

create function rights.lifted_once() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if old.lifted_at is not null or new.lifted_at is null then
    raise exception 'lifted once' using errcode = 'BA427';
  end if;
  new.lifted_at := now();
  return new;
end $$;
create trigger restriction_is_lifted_once before update on rights.restrictions for each row execute function rights.lifted_once();
create trigger hold_is_lifted_once before update on rights.holds for each row execute function rights.lifted_once();

-- ------------------------------------------------------------------ what the keeper may touch

grant select, insert, update on rights.requests, rights.erasures to binhan_keeper;
grant select, insert, update, delete on rights.terms to binhan_keeper;
grant select on rights.restrictions, rights.holds, rights.agreements, rights.request_moves to binhan_keeper;
grant update (sealed) on rights.request_moves to binhan_keeper;
grant select, delete on rights.request_keys to binhan_keeper;
grant select, delete on case_keys, survivors, incidents, evidence, referral_keys, referral_talk_keys, referral_snapshots, case_history to binhan_keeper;
grant select, update (note) on case_closures to binhan_keeper;
grant update (status, risk, commune, area, narrative) on cases to binhan_keeper;
grant update (narrative) on consents to binhan_keeper;
grant select, update (sealed) on referral_moves to binhan_keeper;
grant select, delete on case_tokens to binhan_keeper;
grant execute on function standing.legal_move(text, text) to binhan_keeper;
grant select, update (reason) on break_glass to binhan_keeper;

set role binhan_keeper;

-- The role in which the session's holder works, '' when nobody does.
create function rights.office() returns text language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return coalesce((select m.role from auth.sessions s join auth.memberships m on m.id = s.membership_id
                    where s.handle_hash = sha256(convert_to(nullif(current_setting('app.sid', true), ''), 'UTF8')) and auth.principals() is not null), '');
end $$;

-- What bars a change to a case: 'erased', 'closed', 'restricted' or ''. It holds the row until the act ends, so that a shred or a restriction at the same time
-- either waits for the act or is seen by it.
create function rights.bar(p_case uuid) returns text language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare s text;
begin
  select c.status into s from public.cases c where c.id = p_case for key share;
  return case when s = 'ERASED' then 'erased' when s in ('CLOSED', 'ARCHIVED') then 'closed'
              when exists (select 1 from rights.restrictions r where r.case_id = p_case and r.lifted_at is null) then 'restricted'
              else '' end;
end $$;

create function rights.held(p_case uuid) returns boolean language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (select 1 from rights.holds h where h.case_id = p_case and h.lifted_at is null and (h.until is null or h.until >= (now() at time zone 'Asia/Ho_Chi_Minh')::date))
$$;

-- Whether a consent of the case was taken back since an instant: what the office needs to know to call a withdrawal done, and nothing of the consent.
create function rights.taken_back(p_case uuid, p_since timestamptz) returns boolean language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (select 1 from public.consents c where c.case_id = p_case and c.withdrawn_at >= p_since)
$$;

-- A restriction waits for those who are writing, and then binds the next.
create function rights.wait_for_writers() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform 1 from public.cases c where c.id = new.case_id for update;
  return new;
end $$;

-- The case that a code or an id means, for the data protection officer and for her who holds it or supervises its holder.
create function rights.find_case(p_text text) returns table (id uuid, code text) language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return query
    select c.id, c.code from public.cases c
     where (c.code = upper(p_text) or c.id::text = lower(p_text)) and c.status <> 'ERASED'
       and (rights.office() = 'DPO'
            or exists (select 1 from public.case_standings s where s.case_id = c.id and s.referral_id is null and s.holder = any (auth.principals())
                          and s.standing in ('assigned', 'supervisor') and (s.until is null or s.until > now())))
       and not exists (select 1 from public.case_walls w where w.case_id = c.id and w.user_id = auth.user_id() and w.lifted_at is null);
end $$;

-- What may be disposed of: closed cases whose term is over, and intakes that never became a case. Codes and dates.
create function rights.due(p_unconverted integer, p_within integer, p_limit integer)
returns table (case_id uuid, case_code text, rule text, keep_until date, closed_on date, held boolean, erasure uuid, erasure_state text)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare today date := (now() at time zone 'Asia/Ho_Chi_Minh')::date; office text := rights.office(); mine uuid[] := auth.principals();
begin
  return query
    select c.id, c.code, d.rule, d.keep_until, d.starts_on, rights.held(c.id), e.id, e.state
      from (select t.case_id as id, t.rule, t.keep_until, t.starts_on from rights.terms t where t.keep_until <= today + p_within
            union all
            select x.id, 'UNCONVERTED', ((x.updated_at at time zone 'Asia/Ho_Chi_Minh') + make_interval(years => p_unconverted))::date, null
              from public.cases x
             where x.status in ('NEW', 'SCREENING') and x.updated_at < now() - make_interval(years => p_unconverted) + make_interval(days => p_within)) d
      join public.cases c on c.id = d.id and c.status <> 'ERASED'
      left join rights.erasures e on e.case_id = c.id and e.state <> 'REFUSED'
     where office = 'DPO'
        or exists (select 1 from public.case_standings s where s.case_id = c.id and s.holder = any (mine) and s.standing = 'supervisor' and (s.until is null or s.until > now()))
     order by d.keep_until, c.id
     limit p_limit;
end $$;

-- One of two decides. The database holds the rule: not the proposer, not twice the same, one of them the data protection officer, the other supervises the
-- holder or is a second officer. A legal hold beats both.
create function rights.approve(p_erasure uuid) returns text language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare me uuid := auth.user_id(); office text := rights.office(); e record; mine text;
begin
  select x.* into e from rights.erasures x where x.id = p_erasure for update;
  if e.id is null or me is null then
    raise exception 'no such erasure' using errcode = 'BA403';
  end if;
  if office = 'DPO' then
    mine := 'DPO';
  elsif exists (select 1 from public.case_standings s where s.case_id = e.case_id and s.holder = me and s.standing = 'supervisor' and s.referral_id is null and (s.until is null or s.until > now())) then
    mine := 'SUPERVISOR';
  else
    raise exception 'not hers to approve' using errcode = 'BA403';
  end if;
  if exists (select 1 from public.case_walls w where w.case_id = e.case_id and w.user_id = me and w.lifted_at is null) then
    raise exception 'not hers to approve' using errcode = 'BA403';
  end if;
  if e.state not in ('PROPOSED', 'HALF') then
    raise exception 'decided already' using errcode = 'BA427';
  end if;
  if me = e.proposed_by or me = e.first_by or e.state = 'HALF' and mine <> 'DPO' and e.first_as <> 'DPO' then
    raise exception 'another decides' using errcode = 'BA426';
  end if;
  if rights.held(e.case_id) then
    raise exception 'under legal hold' using errcode = 'BA425';
  end if;
  if e.ground = 'REQUEST' and not exists (select 1 from rights.requests r where r.id = e.request_id and r.case_id = e.case_id and r.kind = 'ERASE' and r.state in ('ACKNOWLEDGED', 'IN_WORK', 'EXTENDED')) then
    raise exception 'no open request to erase' using errcode = 'BA427';
  end if;
  if e.ground = 'TERM' and not exists (select 1 from rights.terms t where t.case_id = e.case_id and t.keep_until < (now() at time zone 'Asia/Ho_Chi_Minh')::date)
     and not exists (select 1 from public.cases c where c.id = e.case_id and c.status in ('NEW', 'SCREENING')) then
    raise exception 'the term is not over' using errcode = 'BA427';
  end if;
  if e.state = 'PROPOSED' then
    update rights.erasures set state = 'HALF', first_by = me, first_as = mine, first_at = now() where id = p_erasure;
    return 'HALF';
  end if;
  update rights.erasures set state = 'APPROVED', second_by = me, second_as = mine, second_at = now() where id = p_erasure;
  return 'APPROVED';
end $$;

create function rights.refuse_erasure(p_erasure uuid) returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare me uuid := auth.user_id(); e record;
begin
  select x.* into e from rights.erasures x where x.id = p_erasure for update;
  if e.id is null or me is null or rights.office() <> 'DPO'
     and not exists (select 1 from public.case_standings s where s.case_id = e.case_id and s.holder = me and s.standing = 'supervisor' and s.referral_id is null and (s.until is null or s.until > now())) then
    raise exception 'not hers to refuse' using errcode = 'BA403';
  end if;
  if e.state not in ('PROPOSED', 'HALF') then
    raise exception 'decided already' using errcode = 'BA427';
  end if;
  update rights.erasures set state = 'REFUSED', refused_by = me, refused_at = now() where id = p_erasure;
end $$;

-- Whose keys an erasure forgets: the case, its referrals, the requests about it.
create function rights.owners(p_case uuid) returns uuid[] language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select array[p_case] || array(select r.id from public.referrals r where r.case_id = p_case order by r.id)
                       || array(select q.id from rights.requests q where q.case_id = p_case order by q.id)
$$;

-- Empties a case: keys, snapshots, sealed values, files' rows, standings. The code, the dates and the coded states stay, so that counts and the record hold.
create function rights.empty_case(p_case uuid, out keys integer, out snapshots integer, out sealed_values integer, out files integer)
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare n integer;
begin
  perform 1 from public.cases c where c.id = p_case for update;
  delete from public.case_keys k where k.case_id = p_case;
  get diagnostics keys = row_count;
  keys := keys * 4;
  delete from public.referral_keys k where k.case_id = p_case;
  get diagnostics n = row_count;
  keys := keys + n;
  delete from public.referral_talk_keys k where k.case_id = p_case;
  get diagnostics n = row_count;
  keys := keys + n;
  delete from rights.request_keys k where k.case_id = p_case;
  get diagnostics n = row_count;
  keys := keys + n;
  delete from public.referral_snapshots k where k.case_id = p_case;
  get diagnostics snapshots = row_count;
  delete from public.survivors s where s.case_id = p_case;
  get diagnostics sealed_values = row_count;
  delete from public.incidents i where i.case_id = p_case;
  get diagnostics n = row_count;
  sealed_values := sealed_values + n;
  delete from public.case_history h where h.case_id = p_case;
  get diagnostics n = row_count;
  sealed_values := sealed_values + n;
  delete from public.evidence e where e.case_id = p_case;
  get diagnostics files = row_count;
  delete from public.case_tokens t where t.case_id = p_case;
  get diagnostics n = row_count;
  sealed_values := sealed_values + n;
  update public.break_glass b set reason = null where b.case_id = p_case and b.reason is not null;
  get diagnostics n = row_count;
  sealed_values := sealed_values + n;
  update public.consents c set narrative = '' where c.case_id = p_case and c.narrative <> '';
  get diagnostics n = row_count;
  sealed_values := sealed_values + n;
  update public.referral_moves m set sealed = null where m.case_id = p_case and m.sealed is not null;
  get diagnostics n = row_count;
  sealed_values := sealed_values + n;
  update public.referrals r set commune = null, age_band = 'UNK', needs = '{}',
         status = case when r.status in ('DRAFT', 'SENT', 'RECEIVED', 'INFO_REQUESTED', 'ACCEPTED', 'IN_SERVICE') then 'CANCELLED' else r.status end,
         ended_at = coalesce(r.ended_at, now())
   where r.case_id = p_case;
  update public.case_closures c set note = null where c.case_id = p_case and c.note is not null;
  get diagnostics n = row_count;
  sealed_values := sealed_values + n;
  update rights.request_moves m set sealed = null where m.case_id = p_case and m.sealed is not null;
  get diagnostics n = row_count;
  sealed_values := sealed_values + n;
  update rights.requests q set sealed = null where q.case_id = p_case and q.sealed is not null;
  get diagnostics n = row_count;
  sealed_values := sealed_values + n + 1;
  delete from rights.terms t where t.case_id = p_case;
  update public.cases c set status = 'ERASED', narrative = '', commune = null, area = null, risk = null, updated_at = now(), version = c.version + 1 where c.id = p_case;
  update public.case_standings s set until = now(), why = 'erased' where s.case_id = p_case and (s.until is null or s.until > now());
end $$;

-- Carries an approved erasure out. What the two approved is asked again: nothing here believes its caller.
create function rights.shred(p_erasure uuid) returns table (keys integer, snapshots integer, sealed_values integer, files integer, objects text[], versions text[])
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare me uuid := auth.user_id(); e record; n record; o text[]; v text[];
begin
  select x.* into e from rights.erasures x where x.id = p_erasure for update;
  if e.id is null or me is null or me not in (e.first_by, e.second_by) and rights.office() <> 'DPO' then
    raise exception 'not hers to carry out' using errcode = 'BA403';
  end if;
  if e.state <> 'APPROVED' then
    raise exception 'not approved' using errcode = 'BA427';
  end if;
  if rights.held(e.case_id) then
    raise exception 'under legal hold' using errcode = 'BA425';
  end if;
  perform 1 from public.cases c where c.id = e.case_id for update; -- whoever attaches at this moment is waited for
  select coalesce(array_agg(f.object order by f.id), '{}'), coalesce(array_agg(f.object_version order by f.id), '{}') into o, v from public.evidence f where f.case_id = e.case_id;
  update rights.erasures x
     set opened_on = (select (c.opened_at at time zone 'Asia/Ho_Chi_Minh')::date from public.cases c where c.id = e.case_id),
         closed_on = (select t.starts_on from rights.terms t where t.case_id = e.case_id)
   where x.id = p_erasure;
  select * into n from rights.empty_case(e.case_id);
  update rights.requests q set state = 'DONE', acknowledged_at = coalesce(q.acknowledged_at, now()), ended_at = now(), version = q.version + 1
   where q.case_id = e.case_id and q.kind = 'ERASE' and q.ended_at is null;
  update rights.erasures x set state = 'DONE', done_at = now(), keys = n.keys, snapshots = n.snapshots, sealed_values = n.sealed_values, files = n.files where x.id = p_erasure;
  return query select n.keys, n.snapshots, n.sealed_values, n.files, o, v;
end $$;

-- What the vault still had to keep after the files' rows were gone.
create function rights.files_held(p_erasure uuid, p_held integer) returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare me uuid := auth.user_id();
begin
  update rights.erasures e set files_held = p_held where e.id = p_erasure and e.state = 'DONE' and me in (e.first_by, e.second_by) and p_held between 0 and e.files;
end $$;

-- After a restore: the owners that the ledger of the ring names are emptied once more. For the operator's role alone; on the record without an actor.
create function rights.replay(p_owners uuid[], p_facts bytea[]) returns integer language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare c uuid; n integer := 0;
begin
  for c in select x.id from public.cases x where x.id = any (p_owners) and (x.status <> 'ERASED' or exists (select 1 from public.case_keys k where k.case_id = x.id)) loop
    perform rights.empty_case(c);
    insert into audit.entries (act, kind, subject, case_id, classes, decision, reason) values ('erasure.replay', 'case', c, c, '{}', 'allowed', 'restored');
    n := n + 1;
  end loop;
  delete from stats.facts f where f.fact_ref = any (p_facts) and f.cube_id is null;
  update stats.facts f
     set received_on = date_trunc('year', f.received_on)::date, area = 'UNK', commune = 'UNK', form = 'UNK', forms = '{}', sex = 'UNK', age = 'UNK',
         relation = 'UNKNOWN', sex_perp = 'UNK', ethnic = 'UNK'
   where f.fact_ref = any (p_facts) and f.cube_id is not null and f.forms <> '{}';
  return n;
end $$;

-- How many of these owners still have keys here: a server does not serve before they are gone.
create function rights.unreplayed(p_owners uuid[]) returns integer language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select count(*)::integer from public.cases c where c.id = any (p_owners) and (c.status <> 'ERASED' or exists (select 1 from public.case_keys k where k.case_id = c.id))
$$;

reset role;
set role binhan_owner;

revoke create on schema rights from binhan_keeper;

-- By office or by standing: the one sentence that the policies of this schema say. Standings pass row-level security, so walls count.
create function rights.sees(p_case uuid) returns boolean language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  return ('none' = any (gate.standings()) and rights.office() = 'DPO')
      or exists (select 1 from public.case_standings s where s.case_id = p_case and s.referral_id is null and s.standing = any (gate.standings()) and (s.until is null or s.until > now()));
end $$;

-- A restricted case is read, not changed and not shared; a closed one is taken up again first; an erased one is no more.
create function rights.must_be_free() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
declare bar text; c uuid;
begin
  if current_user = 'binhan_keeper' then
    return new;
  end if;
  if tg_table_name = 'cases' then
    if old.status = 'ERASED' or old.status in ('CLOSED', 'ARCHIVED') and new.status <> 'REOPENED' then
      raise exception 'the case is closed' using errcode = 'BA424';
    end if;
    c := new.id;
    bar := case when rights.bar(c) = 'restricted' then 'restricted' else '' end;
  else
    c := new.case_id;
    bar := rights.bar(c);
  end if;
  if bar = '' then
    return new;
  end if;
  case tg_table_name
    when 'consents' then -- what she says is always written down; taking back is never barred but by erasure
      if tg_op = 'UPDATE' and bar <> 'erased' or bar = 'restricted' then return new; end if;
    when 'referral_moves' then
      if bar <> 'erased' then return new; end if;
    when 'referrals' then
      -- Danger to life and a duty to report are stronger than a restriction (Law 91/2025/QH15 art. 19.1); ending a referral never shares.
      if bar = 'restricted' and new.legal_basis in ('EMERGENCY', 'LAW') then return new; end if;
      if tg_op = 'UPDATE' and bar <> 'erased' and (bar = 'closed' or new.status not in ('SENT', 'ACCEPTED', 'FORWARDED')
           and not (old.status = 'INFO_REQUESTED' and new.status = 'RECEIVED')) then return new; end if;
    else null;
  end case;
  if bar = 'restricted' then
    raise exception 'the case is restricted' using errcode = 'BA423';
  end if;
  raise exception 'the case is closed' using errcode = 'BA424';
end $$;

create trigger case_is_free before update on cases for each row execute function rights.must_be_free();
create trigger case_is_free before update on survivors for each row execute function rights.must_be_free();
create trigger case_is_free before insert or update on incidents for each row execute function rights.must_be_free();
create trigger case_is_free before insert or update on consents for each row execute function rights.must_be_free();
create trigger case_is_free before insert on evidence for each row execute function rights.must_be_free();
create trigger case_is_free before insert or update of status on referrals for each row execute function rights.must_be_free();
create trigger case_is_free before insert on referral_moves for each row execute function rights.must_be_free();
create trigger case_is_free before insert on case_history for each row execute function rights.must_be_free();
create trigger restriction_waits_for_writers before insert on rights.restrictions for each row execute function rights.wait_for_writers();

-- ------------------------------------------------------------------ row-level security

alter table rights.requests enable row level security;
alter table rights.requests force row level security;
create policy seen on rights.requests for select to binhan_app using (rights.sees(case_id));
create policy written on rights.requests for insert to binhan_app with check (registered_by = (select auth.user_id()) and state = 'RECEIVED' and rights.sees(case_id));
create policy moved on rights.requests for update to binhan_app using (rights.sees(case_id)) with check (rights.sees(case_id));
alter table rights.request_keys enable row level security;
alter table rights.request_keys force row level security;
create policy seen on rights.request_keys for select to binhan_app using (rights.sees(case_id));
create policy written on rights.request_keys for insert to binhan_app with check (rights.sees(case_id));
alter table rights.request_moves enable row level security;
alter table rights.request_moves force row level security;
create policy seen on rights.request_moves for select to binhan_app using (rights.sees(case_id));
create policy written on rights.request_moves for insert to binhan_app with check (by_user = (select auth.user_id()) and rights.sees(case_id));
alter table rights.restrictions enable row level security;
alter table rights.restrictions force row level security;
create policy seen on rights.restrictions for select to binhan_app using (rights.sees(case_id));
create policy written on rights.restrictions for insert to binhan_app with check (set_by = (select auth.user_id()) and rights.sees(case_id));
create policy lifted on rights.restrictions for update to binhan_app using (rights.sees(case_id)) with check (lifted_by = (select auth.user_id()));
alter table rights.holds enable row level security;
alter table rights.holds force row level security;
create policy seen on rights.holds for select to binhan_app using (rights.sees(case_id));
create policy written on rights.holds for insert to binhan_app with check (set_by = (select auth.user_id()) and rights.office() = 'DPO');
create policy lifted on rights.holds for update to binhan_app using (rights.office() = 'DPO') with check (lifted_by = (select auth.user_id()));
alter table rights.terms enable row level security;
alter table rights.terms force row level security;
create policy seen on rights.terms for select to binhan_app using (rights.sees(case_id));
create policy written on rights.terms for insert to binhan_app with check (rights.sees(case_id));
create policy changed on rights.terms for update to binhan_app using (rights.sees(case_id)) with check (rights.sees(case_id));
create policy removed on rights.terms for delete to binhan_app using (rights.sees(case_id));
alter table rights.copies enable row level security;
alter table rights.copies force row level security;
create policy seen on rights.copies for select to binhan_app using (rights.sees(case_id));
create policy written on rights.copies for insert to binhan_app with check (made_by = (select auth.user_id()) and rights.sees(case_id));
alter table rights.erasures enable row level security;
alter table rights.erasures force row level security;
create policy seen on rights.erasures for select to binhan_app using (rights.sees(case_id) or (select auth.user_id()) in (proposed_by, first_by, second_by));
create policy proposed on rights.erasures for insert to binhan_app with check (proposed_by = (select auth.user_id()) and state = 'PROPOSED' and first_by is null and second_by is null and rights.sees(case_id));
alter table rights.breaches enable row level security;
alter table rights.breaches force row level security;
create policy seen on rights.breaches for select to binhan_app using ((select rights.office()) in ('DPO', 'AUDITOR'));
create policy written on rights.breaches for insert to binhan_app with check (recorded_by = (select auth.user_id()) and (select rights.office()) = 'DPO');
create policy moved on rights.breaches for update to binhan_app using ((select rights.office()) = 'DPO') with check ((select rights.office()) = 'DPO');
alter table rights.breach_keys enable row level security;
alter table rights.breach_keys force row level security;
create policy office on rights.breach_keys to binhan_app using ((select rights.office()) = 'DPO') with check ((select rights.office()) = 'DPO');
alter table rights.breach_minutes enable row level security;
alter table rights.breach_minutes force row level security;
create policy seen on rights.breach_minutes for select to binhan_app using ((select rights.office()) in ('DPO', 'AUDITOR'));
create policy written on rights.breach_minutes for insert to binhan_app with check (by_user = (select auth.user_id()) and (select rights.office()) = 'DPO');
alter table rights.agreements enable row level security;
alter table rights.agreements force row level security;
create policy seen on rights.agreements for select to binhan_app using ((select auth.user_id()) is not null);
create policy written on rights.agreements for insert to binhan_app with check (recorded_by = (select auth.user_id()) and (select rights.office()) = 'DPO');
alter table case_closures enable row level security;
alter table case_closures force row level security;
create policy seen on case_closures for select to binhan_app
  using (exists (select 1 from case_standings s where s.case_id = case_closures.case_id and s.referral_id is null and s.standing = any ((select gate.standings())::text[]) and (s.until is null or s.until > now())));
create policy written on case_closures for insert to binhan_app
  with check (by_user = (select auth.user_id()) and exists (select 1 from case_standings s where s.case_id = case_closures.case_id and s.referral_id is null and s.standing = 'assigned' and s.standing = any ((select gate.standings())::text[]) and (s.until is null or s.until > now())));
alter table case_history enable row level security;
alter table case_history force row level security;
create policy seen on case_history for select to binhan_app
  using (exists (select 1 from case_standings s where s.case_id = case_history.case_id and s.referral_id is null and s.standing = any ((select gate.standings())::text[]) and (s.until is null or s.until > now())));
create policy written on case_history for insert to binhan_app
  with check (by_user = (select auth.user_id()) and exists (select 1 from case_standings s where s.case_id = case_history.case_id and s.referral_id is null and s.standing = 'assigned' and s.standing = any ((select gate.standings())::text[]) and (s.until is null or s.until > now())));

create constraint trigger restrictions_change_is_recorded after insert or update or delete on rights.restrictions
  deferrable initially deferred for each row execute function audit.must_be_recorded();
create constraint trigger holds_change_is_recorded after insert or update or delete on rights.holds
  deferrable initially deferred for each row execute function audit.must_be_recorded();
create constraint trigger terms_change_is_recorded after insert or update or delete on rights.terms
  deferrable initially deferred for each row execute function audit.must_be_recorded();
create constraint trigger copies_change_is_recorded after insert or update or delete on rights.copies
  deferrable initially deferred for each row execute function audit.must_be_recorded();
create constraint trigger erasures_change_is_recorded after insert or update or delete on rights.erasures
  deferrable initially deferred for each row execute function audit.must_be_recorded();
create constraint trigger case_closures_change_is_recorded after insert or update or delete on case_closures
  deferrable initially deferred for each row execute function audit.must_be_recorded();
create constraint trigger case_history_change_is_recorded after insert or update or delete on case_history
  deferrable initially deferred for each row execute function audit.must_be_recorded();
create constraint trigger requests_change_is_recorded after insert on rights.requests
  deferrable initially deferred for each row when (new.case_id is not null) execute function audit.must_be_recorded();
create constraint trigger requests_change_and_end_are_recorded after update or delete on rights.requests
  deferrable initially deferred for each row when (old.case_id is not null) execute function audit.must_be_recorded();
create constraint trigger request_keys_change_is_recorded after insert on rights.request_keys
  deferrable initially deferred for each row when (new.case_id is not null) execute function audit.must_be_recorded();
create constraint trigger request_keys_change_and_end_are_recorded after update or delete on rights.request_keys
  deferrable initially deferred for each row when (old.case_id is not null) execute function audit.must_be_recorded();
create constraint trigger request_moves_change_is_recorded after insert on rights.request_moves
  deferrable initially deferred for each row when (new.case_id is not null) execute function audit.must_be_recorded();
create constraint trigger request_moves_change_and_end_are_recorded after update or delete on rights.request_moves
  deferrable initially deferred for each row when (old.case_id is not null) execute function audit.must_be_recorded();

-- ------------------------------------------------------------------ what each role may do

revoke execute on all functions in schema rights from public;
grant execute on function rights.office(), rights.bar(uuid), rights.held(uuid), rights.taken_back(uuid, timestamptz), rights.sees(uuid), rights.find_case(text), rights.due(integer, integer, integer), rights.approve(uuid),
  rights.refuse_erasure(uuid), rights.owners(uuid), rights.shred(uuid), rights.files_held(uuid, integer), rights.unreplayed(uuid[]) to binhan_app;
grant execute on function rights.replay(uuid[], bytea[]) to binhan_migrator;

grant select, insert on rights.requests, rights.request_keys, rights.request_moves, rights.restrictions, rights.holds, rights.copies, rights.erasures, rights.breaches, rights.breach_keys,
  rights.breach_minutes, rights.agreements, case_closures, case_history to binhan_app;
grant select, insert, update, delete on rights.terms to binhan_app;
grant update (state, due_act, acknowledged_at, extended_at, extension_code, ended_at, ground, version) on rights.requests to binhan_app;
grant update (lifted_by, lifted_at, lift_ground) on rights.restrictions to binhan_app;
grant update (lifted_by, lifted_at) on rights.holds to binhan_app;
grant update (classes, people, state, first_sent_at, notice_sent_at, persons_told_at, closed_at, version, sealed) on rights.breaches to binhan_app;

comment on column rights.requests.id is 'operational: random id';
comment on column rights.requests.code is 'operational: spoken code';
comment on column rights.requests.case_id is 'operational: the case, empty when no file was found';
comment on column rights.requests.case_code is 'operational: its code';
comment on column rights.requests.kind is 'operational: list dsr_type';
comment on column rights.requests.asked_by is 'operational: list consent_actor: who asks';
comment on column rights.requests.identity_check is 'operational: how it was made sure who asks, coded';
comment on column rights.requests.third_party is 'operational: a third party must help';
comment on column rights.requests.received_at is 'operational: when it came';
comment on column rights.requests.registered_at is 'operational: when it was written down';
comment on column rights.requests.registered_by is 'operational: by whom';
comment on column rights.requests.state is 'operational: where it stands';
comment on column rights.requests.due_reply is 'operational: answer due';
comment on column rights.requests.due_act is 'operational: done by';
comment on column rights.requests.law is 'operational: version of the clocks';
comment on column rights.requests.days is 'operational: calendar or working days';
comment on column rights.requests.acknowledged_at is 'operational: answered';
comment on column rights.requests.extended_at is 'operational: extended, once';
comment on column rights.requests.extension_code is 'operational: why';
comment on column rights.requests.ended_at is 'operational: ended';
comment on column rights.requests.ground is 'operational: ground of a refusal';
comment on column rights.requests.version is 'operational: counts moves';
comment on column rights.requests.sealed is 'secret: sealed under the key of the request: her words';
comment on column rights.request_keys.request_id is 'operational: the request';
comment on column rights.request_keys.case_id is 'operational: the case';
comment on column rights.request_keys.narrative is 'secret: wrapped data key';
comment on column rights.request_moves.id is 'operational: random id';
comment on column rights.request_moves.request_id is 'operational: the request';
comment on column rights.request_moves.case_id is 'operational: the case';
comment on column rights.request_moves.move is 'operational: which move';
comment on column rights.request_moves.from_state is 'operational: before';
comment on column rights.request_moves.to_state is 'operational: after';
comment on column rights.request_moves.at is 'operational: when';
comment on column rights.request_moves.by_user is 'operational: who';
comment on column rights.request_moves.code is 'operational: coded reason';
comment on column rights.request_moves.sealed is 'secret: sealed under the key of the request: what was answered';
comment on column rights.restrictions.id is 'operational: random id';
comment on column rights.restrictions.case_id is 'operational: the case';
comment on column rights.restrictions.case_code is 'operational: its code';
comment on column rights.restrictions.ground is 'operational: why';
comment on column rights.restrictions.request_id is 'operational: the request behind it';
comment on column rights.restrictions.set_by is 'operational: by whom';
comment on column rights.restrictions.set_at is 'operational: since';
comment on column rights.restrictions.lifted_by is 'operational: by whom it was lifted';
comment on column rights.restrictions.lifted_at is 'operational: until';
comment on column rights.restrictions.lift_ground is 'operational: why it was lifted';
comment on column rights.holds.id is 'operational: random id';
comment on column rights.holds.case_id is 'operational: the case';
comment on column rights.holds.case_code is 'operational: its code';
comment on column rights.holds.ground is 'operational: what obliges us to keep';
comment on column rights.holds.until is 'operational: last day, empty while it is open';
comment on column rights.holds.set_by is 'operational: by whom';
comment on column rights.holds.set_at is 'operational: since';
comment on column rights.holds.lifted_by is 'operational: by whom it was lifted';
comment on column rights.holds.lifted_at is 'operational: when';
comment on column rights.terms.case_id is 'operational: the case';
comment on column rights.terms.rule is 'operational: rule of the retention terms';
comment on column rights.terms.starts_on is 'operational: day from which the term runs';
comment on column rights.terms.keep_until is 'operational: last day of the term, rounded up to the end of a year, so that it tells no birthday';
comment on column rights.copies.id is 'operational: random id, printed on the copy';
comment on column rights.copies.case_id is 'operational: the case';
comment on column rights.copies.request_id is 'operational: the request behind it';
comment on column rights.copies.made_by is 'operational: by whom';
comment on column rights.copies.made_at is 'operational: when';
comment on column rights.copies.with_files is 'operational: with the files';
comment on column rights.copies.protected is 'operational: under a passphrase';
comment on column rights.erasures.id is 'operational: random id';
comment on column rights.erasures.code is 'operational: spoken code';
comment on column rights.erasures.case_id is 'operational: the case';
comment on column rights.erasures.case_code is 'operational: its code';
comment on column rights.erasures.ground is 'operational: REQUEST, TERM, CONSENT or ORDER';
comment on column rights.erasures.request_id is 'operational: the request behind it';
comment on column rights.erasures.opened_on is 'operational: when the case was opened';
comment on column rights.erasures.closed_on is 'operational: when it was closed';
comment on column rights.erasures.state is 'operational: where it stands';
comment on column rights.erasures.proposed_by is 'operational: who proposed';
comment on column rights.erasures.proposed_at is 'operational: when';
comment on column rights.erasures.first_by is 'operational: first of the two';
comment on column rights.erasures.first_as is 'operational: by which right';
comment on column rights.erasures.first_at is 'operational: when';
comment on column rights.erasures.second_by is 'operational: second of the two';
comment on column rights.erasures.second_as is 'operational: by which right';
comment on column rights.erasures.second_at is 'operational: when';
comment on column rights.erasures.refused_by is 'operational: who refused';
comment on column rights.erasures.refused_at is 'operational: when';
comment on column rights.erasures.done_at is 'operational: carried out';
comment on column rights.erasures.keys is 'operational: keys deleted';
comment on column rights.erasures.snapshots is 'operational: snapshots deleted';
comment on column rights.erasures.sealed_values is 'operational: sealed values deleted';
comment on column rights.erasures.files is 'operational: files whose key is gone';
comment on column rights.erasures.files_held is 'operational: files that the store must still keep, unreadable';
comment on column rights.breaches.id is 'operational: random id';
comment on column rights.breaches.code is 'operational: spoken code';
comment on column rights.breaches.detected_at is 'operational: detected';
comment on column rights.breaches.kind is 'operational: confidentiality, integrity or availability';
comment on column rights.breaches.serious is 'operational: a serious cyber incident';
comment on column rights.breaches.classes is 'operational: classes of data';
comment on column rights.breaches.people is 'operational: how many people, empty when unknown';
comment on column rights.breaches.state is 'operational: where it stands';
comment on column rights.breaches.due_first is 'operational: first notice due';
comment on column rights.breaches.due_notice is 'operational: notice due';
comment on column rights.breaches.first_sent_at is 'operational: first notice sent';
comment on column rights.breaches.notice_sent_at is 'operational: notice sent';
comment on column rights.breaches.persons_told_at is 'operational: the people concerned were told';
comment on column rights.breaches.closed_at is 'operational: closed';
comment on column rights.breaches.recorded_by is 'operational: by whom';
comment on column rights.breaches.recorded_at is 'operational: when';
comment on column rights.breaches.version is 'operational: counts changes';
comment on column rights.breaches.sealed is 'secret: sealed under the key of the breach: what happened, consequences, measures';
comment on column rights.breach_keys.breach_id is 'operational: the breach';
comment on column rights.breach_keys.narrative is 'secret: wrapped data key';
comment on column rights.breach_minutes.id is 'operational: random id';
comment on column rights.breach_minutes.breach_id is 'operational: the breach';
comment on column rights.breach_minutes.at is 'operational: written down';
comment on column rights.breach_minutes.happened_at is 'operational: happened';
comment on column rights.breach_minutes.by_user is 'operational: by whom';
comment on column rights.breach_minutes.move is 'operational: which step';
comment on column rights.breach_minutes.sealed is 'secret: sealed under the key of the breach: the minutes';
comment on column rights.agreements.id is 'operational: random id';
comment on column rights.agreements.organisation_id is 'operational: with whom';
comment on column rights.agreements.number is 'operational: number of the document';
comment on column rights.agreements.signed_on is 'operational: signed';
comment on column rights.agreements.valid_from is 'operational: first day';
comment on column rights.agreements.valid_to is 'operational: last day';
comment on column rights.agreements.purposes is 'operational: list consent_purpose';
comment on column rights.agreements.recorded_by is 'operational: by whom';
comment on column rights.agreements.recorded_at is 'operational: when';
comment on column case_closures.id is 'operational: random id';
comment on column case_closures.case_id is 'operational: the case';
comment on column case_closures.move is 'operational: closure or reopening';
comment on column case_closures.reason is 'operational: list closure_reason, or the code of reopening';
comment on column case_closures.at is 'operational: when';
comment on column case_closures.by_user is 'operational: who';
comment on column case_closures.note is 'secret: sealed, compartment narrative: in words';
comment on column case_history.id is 'operational: random id';
comment on column case_history.case_id is 'operational: the case';
comment on column case_history.version is 'operational: the version that this stood in';
comment on column case_history.at is 'operational: corrected at';
comment on column case_history.by_user is 'operational: by whom';
comment on column case_history.fields is 'operational: names of the corrected fields';
comment on column case_history.identity is 'secret: sealed, compartment identity: what stood there';
comment on column case_history.safety is 'secret: sealed, compartment safety: what stood there';
comment on column case_history.narrative is 'secret: sealed, compartment narrative: what stood there';

reset role;
-- +goose StatementEnd
