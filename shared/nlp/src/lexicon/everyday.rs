//! English words that are neither slips of another word nor anybody's service.

/// Words between the words that matter.
pub(crate) const STOP_WORDS: &str = "a an the this that these those some any all each every both of for in on at to \
from by with within over across per during throughout through into onto about as is are was were be been being am do does did done has \
have had having can could would should will shall may might must i me my mine we us our ours you your yours he she him \
her it its they them their theirs and or but so if then than too also just only even still really very quite please pls \
plz kindly there here now right currently moment well oh um uh hm hmm yeah yep ok okay hey hi hello like lets let one \
ones thing things stuff bit not no nope dont doesnt didnt isnt arent wasnt hasnt havent cant couldnt wont im ive id \
youre theyre weve what which who whom whose when where why how whats hows whos wheres";

/// Frequent words that must not be "corrected" to a cue, nor taken for a service.
pub(crate) const FREQUENT_WORDS: &str = "able above according account across action actually add address afraid after \
afternoon again against ago agree ahead air allow almost alone along already although always amount animal another \
answer anybody anyone anything anyway anywhere apart appear apple apply area arm around arrive art article ask asleep \
ate attempt aunt author autumn away baby back bad ball band bank bar base basic bath bear beat beautiful became because \
become bed beer before began begin behind believe below beside best better between beyond big bike birth birthday bite \
black block blood blue board boat body bone book born borrow boss bottle bottom bought bowl box boy branch bread break \
breakfast breath bridge bright bring broad broke brother brought brown brush buddy build building bunch bus business busy \
butter button buy cake call came camera camp capital car card care carry case castle cat catch caught cause cell cent \
center centre century certain chair chance change character charge cheap check cheese chicken child children choice choose \
church circle city class clean clear climb clock close clothes cloud club coach coast coat coffee cold collect college \
color colour come comes coming common company complete computer condition consider contain continue control cook cool copy \
corner correct cost cotton count country couple course cousin cover cow create credit cross crowd cry cup current cut dad \
daily dance danger dark date daughter day dead deal dear death decide deep degree depend describe desk detail develop die \
difference different difficult dinner direct dirty discover discuss dish divide doctor dog dollar door double doubt down \
draw dream dress drink drive drop dry during dust duty early earn earth east easy eat edge effect egg eight either eleven \
else empty end engine english enjoy enough enter entire equal escape evening event ever everybody everyone everything \
everywhere exact exactly example except excite excuse exercise expect experience explain extra eye face fact fair fall \
false family famous far farm fast fat father favorite favourite fear feel feet fell felt few field fifty fight figure \
fill film final finally find fine finger finish fire first fish fit five fix flat flew flight floor flow flower fly fold \
folks follow food foot football force forest forget form forward found four free fresh friend front fruit full fun funny \
future game garden gas gate gave general gentle get gets getting gift girl give given gives giving glad glass goal god \
goes going gold gone good got gotten government grand grass gray great green grew grey ground group grow guess guest \
guitar gun guy guys habit hair half hall hand handle hang happen happened happening happens happy hard hate head hear \
heard heart heat heavy held help herself high higher highest hill himself history hit hold hole holiday home honest hope \
horse hospital hot hotel hour house huge human hundred hungry hunt hurry hurt husband ice idea imagine important inch \
include including increase indeed information inside instead interest invite iron island itself jacket job join joke \
journey joy judge jump keep kept key kick kid kill kind king kiss kitchen knee knew knife know knowledge known lady lake \
land language large last late lately later laugh law lay lazy lead leaf learn least leave left leg lemon lend lesson less \
letter level library lie life lift light likely line lion lips list listen little live lived living load local long look \
looked looking looks loose lord lose loss lost lot lots loud love low lower lowest luck lucky lunch machine made mail main \
make makes making man manage many map march mark market marriage married match material matter maybe mayor meal mean means \
meant measure meat medicine meet meeting member men mention message met middle mile milk million mind mine minute miss \
mistake mix mom money month mood moon more morning most mostly mother mountain mouse mouth move movie much mum museum \
music myself name narrow nation nature near nearly neat neck need needs neighbor neither nervous never new news next nice \
night nine nobody noise none noon nor normal normally north nose note nothing notice number object ocean odd off offer \
office often oil old once onion open opinion order other others otherwise ought ourselves out outside overall own page paid \
pain paint pair pan pants paper parent park part particular party pass past path patient pay peace pen people pepper \
perfect perfectly perhaps period person phone photo piano pick picture piece pig pizza place plain plan plane plant plate play \
player please plenty plus pocket poem point poor pop popular possible pot pour power practice pray prefer prepare present \
president press pretty prevent previous price print private prize probably problem produce programme project promise \
proper protect proud prove public pull pupil pure purple purpose push put quarter queen question quick quickly quiet \
quite rabbit race radio rain raise ran rather raw reach read ready real reality realise realize reason receive recent recently \
recipe record red regular remain remember remind repeat replace report rest restaurant result return rice rich ride \
right ring rise river road rock room rope rose rough round row rude ruin rule run rush sad safe said sail salad salt same sand \
sat save saw say says scared school science score sea search season seat second secret see seem seems seen self sell \
send sense sent sentence separate serious serve served service set seven several shade shake shape share sharp sheep shine ship \
shirt shoe shoot shop short shot shoulder shout show shower showing shows shut sick side sight sign silver similar simple \
since sing single sir sister sit site situation six size skin sky sleep slept slow small smell smile smoke snow soap social \
society sock soft soil sold soldier solve somebody someone something sometimes somewhere son song soon sore sorry sort \
sound soup south space speak special speed spell spend spent spoke sport spot spread spring square stage stair stand \
star stare start state station stay steal step stick still stock stomach stone stood stop store storm story straight \
strange stream street strength strong student study stuff stupid style subject success such sudden suddenly sugar suggest \
suit summer sun supper suppose sure surface surprise sweet swim table tail take taken takes taking talk tall task taste \
taught tax tea teach teacher team tear teeth tell ten tennis term terrible test text thank thanks themselves therefore thick \
thin think third thirty thought thousand three threw throw thus ticket tidy tie tight till time times tired today toe \
together told tomorrow tonight took tool tooth top topic total touch tour toward towards tower town toy track trade train \
translate travel treat tree tried trip trouble truck true trust truth try trying turn turned twelve twenty twice two type ugly \
uncle under understand uniform unit unless until up upon upset use used useful user uses using usual usually vacation valley \
value various vegetable version view village visit voice vote wait wake walk wall want wanted wants war warm wash waste watch \
water way ways weak wear weather wedding week weekend weight welcome went west wet wheel while white whole wide wife wild win \
wind window wine wing winter wise wish without woke woman women won wonder wonderful wood word work worked working works \
world worry worse worst worth wow write wrong wrote yard year yellow yes yesterday yet young yourself zero weird annoying \
curious interested interesting bro mate dude team guys folks mr mrs dr etc vs via per versus regarding concerning around \
roughly approximately actually basically literally honestly quick glance look peek summary overview figures numbers stats \
statistics data graph chart plot table info details view snapshot reading readings value values level levels window \
timeframe interval span period range bitte danke hola bonjour paris london berlin rome portugal france germany spain \
italy weatherman world cup olympics premier league celebrity actor actress singer band album horoscope zodiac lottery \
cheap flights holiday sightseeing vacation mortgage insurance pension workout diet calories vitamins headache";

/// Nouns of the trade that name a kind of thing, never one service.
pub(crate) const GENERIC_NOUNS: &str = "service services svc microservice microservices app apps application applications api apis \
endpoint endpoints route routes path paths backend backends system systems server servers cluster clusters node nodes \
pod pods container containers instance instances replica replicas host hosts machine machines vm vms db database \
databases datastore production prod staging dev environment env environments site website web platform stack infra \
infrastructure region regions zone tenant tenants everything user users customer customers client clients request \
requests response responses call calls query queries error errors failure failures latency metric metrics log logs trace traces \
alert alerts incident incidents deploy deployment deployments release releases version versions build builds code \
repo repository branch commit commits pipeline pipelines workflow workflows job jobs task tasks queue queues topic topics \
cache caches memory cpu disk network bandwidth dashboard dashboards slo sli sla test tests unit integration team status \
health traffic load throughput uptime availability monitoring observability grafana prometheus loki tempo kubernetes k8s \
docker terraform ansible helm jenkins github gitlab aws azure gcp lambda linux bash python rust java golang go node \
javascript typescript sql git ci cd devops sre oncall runbook runbooks postmortem postmortems config configuration flag flags setting \
settings secret secrets certificate certificates dns tls ssl http https tcp udp grpc rest json yaml percentile percentiles \
median average mean max maximum min minimum peak total sum p50 p95 p99 minute minutes hour hours day days week weeks month \
months year years second seconds ms rate ratio percent percentage usage utilisation utilization consumption restart \
rollback roll rollout deployed restarted revert scale upgrade outage outages downtime timeout timeouts exception exceptions bug bugs \
change changes issue issues ticket tickets spike spikes anomaly anomalies trend trends baseline threshold budget capacity \
cost costs bill response request write read operation operations component components module modules function functions \
class method library framework package dependency dependencies schema migration index lock thread threads process \
processes socket sockets connection connections pool session sessions token tokens cookie header payload body cpuusage one \
place region fleet estate landscape ecosystem environments lot half architecture topology kafka redis postgres mysql mongodb \
dynamodb s3 sqs sns kinesis rabbitmq nginx envoy istio datadog splunk kibana elasticsearch vim emacs vscode ide \
microphone best practice practices concept concepts pattern patterns design tip tips";

/// Forms of known words that are rather the name of a service.
pub(crate) const NAME_LIKE: &str = "billing shipping pricing messaging tracking routing matching ranking booking ordering \
invoicing accounting reporting marketing onboarding scheduling rating listing notification notifications recommendation \
recommendations mailer";
