//! The words that speak for an intent, as data.

use super::feature::Feature::{self, *};

/// What a phrase says. `x*` matches every word that begins with x. A phrase counts once however
/// often it stands there.
pub(super) const CUES: &[(Feature, &str)] = &[
    (
        Errors,
        "error*, fail*, exception*, fault*, crash*, blowing up, blow up, blew up, erroring, \
         erred, timeout, time out, timing out, timed out, broken request, non 2xx, non 200, bad \
         request, going wrong, went wrong, goes wrong, unsuccessful, status code, response code, \
         panics, stack trace, server error, bad gateway, not found, rejected request, drop* \
         request, what breaks, breakage, barfing, 500ing, throwing",
    ),
    (
        Health,
        "health*, unhealthy, alive, dead, ok, okay, fine, alright, all right, up and running, \
         doing, holding up, holding together, behaving, misbehaving, operational, degraded, \
         outage, in trouble, struggling, flapping, stable, unstable, responding, reachable, \
         unreachable, in good shape, good shape, bad shape, having a bad day, good nick, \
         recovered, recover, back to normal, back up, reliable, usable, flaky, any problem, \
         problem, issue, anything wrong, something wrong, wrong with, trouble, acting up, on \
         fire, borked, hosed, status, state, coping, working, running ok, running fine, running \
         smoothly, happy, still up, still running, still alive, went down, anything broken, something broken, \
         everything broken, anything down, something down, anything failing, anything on fire, feeling, vital sign, \
         vitals, all good, all green, everything green, everything is green, all clear, looking, \
         look, looks, sick, kaput, well, toast, shape, standing, normal, as expected, online, \
         offline, live and well, monitor, keep an eye on, check on, check up on, serving",
    ),
    (
        HowIs,
        "is everything, how is, hows, how are, how was, hows it going with, whats up with, what \
         is up with, whats going on with, what is going on with, whats happening with, what is \
         happening with, whats wrong with, what is wrong with",
    ),
    (
        Comparing,
        "compar*, side by side, next to each other, beside each other, stack up, stacks up, \
         relative to, difference, differ, differs, contrast, head to head, as opposed to, measure \
         up, which of, beat, beats, outperform*, how much slower, before and after, how much \
         faster, which one, gap between, delta between, benchmark",
    ),
    (
        Versus,
        "vs, versus, than, against, slower, faster, quicker, snappier, busier, quieter, better, \
         worse, hungrier, heavier, healthier, laggier, higher, lower, more responsive, more \
         reliable, more load, fewer error, more error, more memory, more cpu, more traffic, less \
         memory, less cpu, less traffic, more request, the more, more often, handles more, \
         leaner, less reliable, fail* more, fail* less, bigger, smaller",
    ),
    (
        Trend,
        "trend*, over time, going up, going down, gone up, gone down, went up, go up, go down, \
         increas*, decreas*, grow*, grew, rise, rising, risen, rose, falling, fallen, fell, \
         dropping, dropped, drop, climb*, evolv*, evolution, developed, developing over, \
         developing, has changed, changed, changing, change, getting worse, getting better, \
         getting slower, getting faster, getting higher, getting lower, got worse, gotten worse, \
         got slower, gotten slower, gotten better, got better, creep*, declin*, fluctuat*, \
         progress*, trajectory, direction, worsen*, improv*, degrading, deteriorat*, regress*, \
         drift*, leaking, leak, balloon*, shrink*, historically, history, ramp*, tick* up, up or \
         down, slowing down, slowed down, speeding up, sped up, picking up, picked up, steadily, \
         upward*, downward*, pattern of, shot up, shoot* up, spike, spiking, spiked, surge*, more \
         and more, less and less, jumped, plateau*",
    ),
    (
        Deployments,
        "deploy*, redeploy*, rollout, roll out, rolled out, release, released, shipped, ship, \
         went live, gone live, go live, went out, pushed, version, build, what changed, \
         changelog, promoted, landed, tag, revision, live, running in, running on, updated, what \
         is running, whats running",
    ),
    (
        VersionAsk,
        "what version, which version, what build, which build, which release, what release, \
         version of, versions of, version is, versions are, current version, running version, \
         latest version, version number, version run*, last deploy*, latest deploy*, recent \
         deploy*, deploy* history, deployment* of, history of deploy*, deploy log, release \
         history, recent release, latest release, last release, past release, when was, when did, \
         who deploy*, who shipped, who released, what was deploy*, what is deploy*, whats \
         deploy*, what got deploy*, been deploy*, anyone deploy*, anybody deploy*, list deploy*, \
         show deploy*, list of deploy*, rollout, what shipped, what is running, whats running, \
         anything ship*, anything roll*, anyone roll*, get a release, got a release, anyone \
         ship*, anything deploy*, anything release*, anything go live, anything new, what was \
         released, what went out, what went live, list all deploy*, what changed, what has \
         changed, whats changed, anything change*, last time",
    ),
    (
        Asks,
        "show, give me, get me, display, plot, graph, chart, draw, what is, whats, what was, what \
         were, what are, how much, how many, tell me, fetch, pull up, need, report, see, how \
         high, how low, how big, how often, list, check, look up, current, which service, which \
         endpoint, which services",
    ),
    (
        Breakdown,
        "by status, by route, by endpoint, by version, by service, by method, by code, by path, \
         per status, per route, per endpoint, per version, per service, per method, break down, \
         breakdown, broken down, break it down, break that down, break them down, split by, split \
         it, group by, grouped by, split",
    ),
    (
        Why,
        "why, whys, what caused, what is causing, whats causing, cause of, reason for, root \
         cause, what made, how come, rca, bottleneck, diagnose, troubleshoot, debug, investigate, \
         what explains",
    ),
    (
        HowTo,
        "how do i, how do we, how do you, how can i, how can we, how could i, how could we, how \
         should, how would i, how would you, how would we, how to, should i, should we, best \
         practice, best way, what would happen, what happens if, what if, my build, my code, my \
         script, my test, my branch, my function, my local, my laptop, what now, good way, \
         recommend*, advice, advise, any tips, tips for, what is the best, whats the best, is it \
         possible to, is it a good idea, whats a good, what is a good, pros and cons, when \
         should, which should, do you know how, help me write, help me with, any idea how, worth \
         using, better to use, how many replicas should",
    ),
    (
        Explain,
        "explain, define, definition, meaning, stand for, stands for, work, relate, what do you \
         mean, concept, describe, what exactly, teach me, eli5, in simple terms, what is meant",
    ),
    (
        Later,
        "log, logs, logline, log line, trace, span, incident, alert, alarm, runbook, playbook, \
         postmortem, post mortem, pipeline, workflow, slo, sli, error budget, burn rate, cost, \
         costs, bill, spend, spending, capacity, coverage, unit test, integration test, test \
         suite, e2e test, approval, topology, depend*, downstream, upstream, call graph, who \
         calls, what calls, anomal*, forecast, predict*, run out, on call, oncall, feature flag, \
         replicas, documentation, docs, notify me, tell me when, tell me if, let me know when, \
         let me know if, warn me, ping me, page me, ticket, jira, unusual, outlier, weird, \
         suspicious, summari*, wrap up, recap, timeline, breach*",
    ),
    (
        Greeting,
        "hi, hello, hey, hiya, howdy, yo, heya, good morning, good afternoon, good evening, good \
         night, greetings, morning all, morning everyone, morning team, morning folks, thanks, \
         thank you, thx, thank u, ty, tyvm, cheers, ta, much appreciated, appreciate it, \
         appreciated, bye, goodbye, see you, see ya, cya, later, great job, good job, well done, \
         nice one, nice work, good work, awesome, brilliant, perfect, lovely, cool, great, nice, \
         wonderful, excellent, sweet, lol, haha, how are you, hows it going, how is it going, \
         whats up, sup, good bot, nice to meet you, have a nice, have a good, have a great, got \
         it, no worries, sounds good, good stuff, fantastic, superb, legend, amazing, youre the \
         best, youre great, youre amazing, you rock, love it, very helpful, so helpful, that \
         helps, helpful, congrats, welcome back, take care, sorry about that",
    ),
    (
        AboutUs,
        "who are you, what are you, what can you do, what do you do, what are you able, your \
         capabilities, how can you help, what can i ask, are you a bot, are you human, are you \
         there, you there, who made you, are you real, what is your name, whats your name, how \
         old are you, are you an ai, how are you, hows it going, how is it going, how are things, \
         hows your day, how is your day, how do you do, who built you, hows life",
    ),
    (
        OffTopic,
        "weather, recipe, joke, football, movie, film, song, poem, birthday, restaurant, \
         president, capital of, stock price, stock market, share price, bitcoin, holiday, flight, \
         hotel, dinner, lunch place, breakfast, pizza, cook*, bake, cake, match, world cup, \
         olympic*, premier league, astronomy, planet, moon, dog, cat, horoscope, lottery, \
         girlfriend, boyfriend, wife, husband, mum, dad, kids, homework, essay, novel, book me, \
         taxi, train ticket, vacation, doctor, medicine, headache, translate, spanish, french, \
         german, paint*, guitar, piano, music, playlist, netflix, celebrity, politic*, election, \
         prime minister, king, queen, war, history of rome, shoes, shirt, dress, car insurance, \
         mortgage, tax return, gym, workout, yoga, diet, calorie*, wedding, gift, haiku, \
         limerick, bedtime story, tallest, population of, how tall, coffee, beer, wine, cocktail, \
         lasagne, pasta, traffic on the, traffic jam, traffic to the airport, motorway, driving, \
         drive to, parking, bus to, train to, crossword, sudoku, chess, formula one, tennis, \
         basketball, cricket, euro in dollar, exchange rate, garden*, dentist, apartment, rent a",
    ),
    (
        Technical,
        "kubernetes, k8s, docker*, postgres*, mysql, redis, kafka, lambda, aws, gcp, azure, \
         terraform, git, github, gitlab, ci, cd, code, coding, bug, test*, rust, java, \
         javascript, typescript, python, golang, branch, config*, yaml, json, http*, tls, ssl, \
         dns, network, cache, caching, queue, thread, compil*, library, dependenc*, refactor*, \
         function, endpoint, monitor*, prometheus, grafana, promql, logql, sql, index*, server*, \
         service, microservice*, cluster, database, db, api, deploy*, container*, pod, node, \
         helm, nginx, proxy, load balanc*, latenc*, percentile, metric, dashboard, alert*, log, \
         trace, tracing, schema, migrat*, query, queries, backend, frontend, prod, production, \
         staging, linux, bash, shell, script, cron, ssh, vim, emacs, vscode, regex, algorithm, \
         encrypt*, oauth, jwt, token, rollback, canary, blue green, feature flag, runbook, \
         incident, postmortem, sre, devops, on call, slo, sli, sla, memory leak, garbage \
         collect*, goroutine, mutex, deadlock, race condition, async, retry, retries, circuit \
         breaker, idempoten*, timeout, rate limit*, infrastructure, infra, cloud, vm, instance, \
         autoscal*, scal*, replica*, shard*, partition*, backup, restore, outage, uptime, \
         software, programming, framework, repo*, commit, merge, pull request, pr, build, \
         pipeline, workflow, release, version, restart, reboot, roll back, architecture, \
         monolith, observability, telemetry, opentelemetry, histogram, counter, gauge, cpu, disk, \
         s3, dynamodb, sqs, elasticsearch, opensearch, webhook, websocket, grpc, rest, graphql, \
         csrf, cors, cve, vulnerabilit*, secret, certificate, firewall, vpc, subnet, iam, data \
         center, datacentre, app, website, golden signal, error*, fail*, crash*, exception*, \
         slow, sluggish, latency, engineer*, user, system, systems",
    ),
];

/// Words that, where a command stands, ask for something that is done rather than looked up.
pub(super) const COMMANDS: &str = "make deploy redeploy rollback roll revert restart reboot bounce kill stop start scale run \
     rerun execute trigger kick create open close resolve generate write cancel abort schedule \
     enable disable update set change alert page notify approve reject delete remove drain \
     promote ship release bump increase decrease raise lower merge fix investigate summarise \
     summarize remind grep search tail find add spin provision upgrade downgrade patch push \
     assign escalate acknowledge ack silence mute ping test build migrate draft cordon evict \
     purge flush switch toggle pause resume retry unpause double halve turn launch file log \
     implement refactor debug configure install undo";

/// Nouns behind a command word that make a noun of it: "deploy history", "release notes".
pub(super) const NOT_A_COMMAND_BEFORE: &str =
    "history list status frequency times latency rate count errors error and vs versus";

/// Words before a command: "can you please restart …".
pub(super) const COMMAND_LEADS: &str = "please pls plz can could would will you u i id we lets let us need want like to hey hi hello \
     copilot bot just go ahead and now then ok okay kindly should mind , @ ! so quickly yo \
     morning must have team folks . : asap also gonna lemme me";

/// "the failing service" describes a service, it does not name one.
pub(super) const ADJECTIVES: &str = "good bad best worst better worse new old other same whole entire main own busy slow fast \
     quick first second third last next single individual specific certain particular given \
     following different similar various several many few more most least two three four five ten \
     another such what external internal important critical problematic public private customer \
     excellent great room secret postal lip self military taxi delivery bad poor downstream \
     upstream per web cloud managed aws any no list show across between";

/// Full words of the stems above, so that slips of them are put right too.
pub(super) const FORMS: &str = "errors failure failures failing failed fails exceptions crashes crashing healthy compare \
     compared comparison comparing trend trending trends increase increased increasing decrease \
     decreased decreasing growing grown climbing evolved deployed deployment deployments \
     deploying summarise incidents anomalies service services version versions improved improving \
     worsening depends";
