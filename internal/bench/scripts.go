package bench

// The statements of each act, as the door sends them: \; joins those that travel in one message. Identity comes from the same session handle, so
// row-level security does the same work; bytes have the lengths of sealed ones. Tokens are those of numbers, which never equal: a name's would by chance equal a
// recorded person's, whose recording would then look into what was never sealed.
const (
	scriptKnown = `select * from standing.known(array['phone', 'id'], array[decode(substr(replace(':id', '-', ''), 1, 16), 'hex'), decode(substr(replace(':inc', '-', ''), 1, 16), 'hex')], true);
`
	scriptTokens = `insert into case_tokens (id, case_id, who, kind, token, sealed) select v.id, ':id', v.who, v.kind, v.token, v.sealed from unnest(array[gen_random_uuid(), gen_random_uuid(), gen_random_uuid()], array['survivor', 'survivor', 'perpetrator'], array['phone', 'id', 'id'], array[decode(substr(replace(':id', '-', ''), 1, 16), 'hex'), decode(substr(replace(':inc', '-', ''), 1, 16), 'hex'), decode(substr(replace(':inc', '-', ''), 17, 16), 'hex')], array[null, null, decode(repeat('ab', 110), 'hex')]) as v(id, who, kind, token, sealed) \; `
	scriptCreate = `begin \; select * from gate.enter('{handle}', 'none,assigned', '', null);
select gen_random_uuid() as id, gen_random_uuid() as inc, 'B' || substr(md5(random()::text), 1, 12) as code \gset
` + scriptKnown + `insert into cases (id, code, scope, province, status, commune, owner, organisation_id, received_on, opened_at, updated_at, narrative) values (':id', ':code', '51', '51', 'NEW', '23377', '{user}', '{org}', '2026-11-24', now(), now(), decode(repeat('ab', 1100), 'hex')) \; select standing.open_cases(array[':id']::uuid[]) \; insert into case_keys (case_id, identity, safety, narrative, evidence) values (':id', decode(repeat('cd', 81), 'hex'), decode(repeat('cd', 81), 'hex'), decode(repeat('cd', 81), 'hex'), decode(repeat('cd', 81), 'hex')) \; insert into survivors (case_id, identity, safety) values (':id', decode(repeat('ab', 300), 'hex'), decode(repeat('ab', 300), 'hex')) \; insert into incidents (id, case_id, occurred_on, precision, narrative, identity, recorded_at) values (':inc', ':id', '2026-10-01', 'month', decode(repeat('ab', 1100), 'hex'), decode(repeat('ab', 110), 'hex'), now()) \; ` + scriptTokens + `select stats.put_fact(decode(replace(':id', '-', ''), 'hex') || decode(replace(':inc', '-', ''), 'hex'), '51', '2026-11-24', '611', '23377', 'PHYSICAL', array['PHYSICAL','PSYCHOLOGICAL'], 'F', 'A25_39', 'SPOUSE', 'M', 'UNK') \; select audit.add('case.record', 'case', ':id', array[':id']::uuid[], array['record','identity','safety','narrative'], 'allowed', 'none', null, null, 'bench') \; commit;
`
	scriptRead = `\set n random(1, {ids})
select id from bench_ids where n = :n \gset
begin \; select * from gate.enter('{handle}', 'assigned', 'case', ':id');
select c.id, c.code, c.status, c.risk, c.commune, c.owner, c.received_on, c.opened_at, c.updated_at, c.version, c.narrative, k.identity, k.safety, k.narrative, k.evidence, s.identity, s.safety, o.name, u.name from cases c join case_keys k on k.case_id = c.id join survivors s on s.case_id = c.id join organisations o on o.id = c.organisation_id cross join lateral auth.staff(array[c.owner]) u where c.id = ':id';
select id, occurred_on, precision, commune, narrative, identity, recorded_at from incidents where case_id = ':id' order by recorded_at, id;
select audit.add('case.read', 'case', ':id', array[':id']::uuid[], array['record','identity','safety','narrative'], 'allowed', 'assigned', null, null, 'bench') \; commit;
`
	scriptList = `begin \; select * from gate.enter('{handle}', 'assigned', '', null);
with page as (select c.id, c.code, c.status, c.risk, c.commune, c.owner, c.received_on, c.opened_at, c.updated_at, c.version from my_cases m join cases c on c.id = m.case_id order by m.case_id desc limit 21) select p.*, u.username, u.name from page p left join auth.staff((select array_agg(distinct owner) from page)) u on u.id = p.owner order by p.id desc;
select audit.add('case.list', 'none', null, '{}', array['record'], 'allowed', 'none', null, null, 'bench') \; commit;
`
)
