"""Words that tell people and places from other capitalised words in prose, in the languages that notes are written in.

They serve running text alone: a column of names or cities is judged by the lists of ``_lexicon``.
"""

from __future__ import annotations

import re

from ._lexicon import COUNTRIES, TITLES
from ._words import words

ADDRESSED = TITLES | words(
    "mevrouw meneer mijnheer heer dona senhor senhora senor senora senorita signor signora signore signorina dottor dottore dottoressa "
    "herrn doctor doctora doutor doutora docteur sr. familie famille familia famiglia rodzina panu pana pania"
)
"""What stands before a family name; the word behind is a name, however common it is elsewhere."""
ROLES = words(
    "mitarbeiter mitarbeiterin kunde kundin patient patientin bewerber bewerberin empfanger empfangerin fahrer fahrerin techniker "
    "technikerin staatsburger staatsburgerin kollege kollegin lehrer lehrerin schuler schulerin mieter mieterin nutzer nutzerin "
    "ansprechpartner ansprechpartnerin anrufer anruferin arzt arztin inhaber inhaberin chef chefin nachbar nachbarin sachbearbeiter "
    "sachbearbeiterin vermieter vermieterin antragsteller antragstellerin versicherte versicherter sohn tochter ehemann ehefrau "
    "cliente paciente empleado empleada conductor conductora tecnico tecnica hermano hermana jefe jefa vecino vecina titular "
    "alumno alumna profesor profesora companero companera trabajador trabajadora portero hijo hija marido esposa "
    "client cliente salarie salariee collegue candidat candidate locataire chauffeur eleve employe employee voisin voisine mari femme "
    "paziente dipendente ingegnere avvocato fornitore collega autista inquilino marito moglie figlio figlia "
    "utente funcionario funcionaria motorista aluno aluna colega esposo filho filha vizinho vizinha "
    "klant medewerker medewerkster patiente bestuurder buurman buurvrouw huurder huisarts collega zoon dochter "
    "klient klientka pacjent pacjentka pracownik pracownica kierowca lekarz lekarka kolega kolezanka nauczyciel nauczycielka "
    "customer patient client employee tenant caller colleague coworker driver student applicant resident agent technician nurse "
    "manager supervisor witness claimant passenger guest candidate contractor neighbour neighbor landlord wife husband brother sister "
    "son daughter mother father uncle aunt boss"
)
"""What people are to those who write about them; a name may follow."""
OPENERS = words(
    "wir ich sie ihr bitte laut fur nach bei seit wann wer wie warum wieso wo was nicht kein keine mein meine unser unsere guten liebe "
    "lieber sehr gute guter gutes neue neuer neues tolle tolles schnelle geehrte geehrter vielen gruss grusse "
    "hallo heute gestern dieser diese dieses "
    "bonjour bonsoir merci salut selon notre votre nous vous cette pour avec dans chez appel bien cordialement "
    "hola gracias buenos buenas segun para queja hable soy adjunto saludos estimado estimada "
    "ciao buongiorno buonasera grazie sono secondo parlato gentile cordiali saluti suo sua "
    "ola obrigado obrigada meu minha falei bom boa caro cara atenciosamente "
    "beste hallo graag volgens onze wij onder goedemorgen bedankt groet groeten vriendelijke "
    "prosze dzien dobry czesc jestem pozdrawiam dziekuje "
    "reminder unlike follow regarding subject spoke forwarded why when where meet ask tell agent note notes remark"
)
"""Words that begin sentences and are no names there."""
ASKING = frozenset(
    """name is|name's is|named|my name|called|spoke to|speak to|spoke with|spoke w/|user|contact|dear|hi|hello|
    hey|i'm|i am|this is|it's|its|cc|attn|attention|signed|regards|beneficiary|guardian|author|director|
    directed by|starring|written by|sung by|say|says|said|told|tell|ask|asked|met|met with|meeting with|meet|
    file for|remember|remember me|call me|calls me|your name|leave me|behalf of|partner's name|maiden name is|
    known as|last name|surname|first name|
    full name|patient name|customer name|has given|had given|heard|why is|according to|name as|gesprochen mit|ich bin|ich heiße|ich heisse|
    mein name ist|hallo|liebe|lieber|laut|grüßen|grüssen|gruß|je m'appelle|je suis|selon|bonjour|cordialement|
    chez|me llamo|soy|hola|según|a nombre de|queja de|hablé con|saludos|mi chiamo|sono|ciao|buongiorno|saluti|
    intestato a|parlato con|meu nome é|me chamo|olá|falei com a|falei com o|com o|atenciosamente|ik ben|
    mijn naam is|volgens|groet|groeten|t.n.v|nazywam się|jestem|pozdrawiam|rozmawiałem z|rozmawiałam z""".replace("\n    ", "").split("|")
)
"""Words after which somebody is named."""
WEAK_ASKING = words("from by with for under as von mit par avec por con para com da door met przez z")
"""Words before people and things alike."""
LABELS = words("name nom nombre nome naam imie nazwisko from by to cc signed caller author attn contact kontakt contacto")
"""With a colon behind it such a word asks for a person."""
TO_PLACES = words(
    "lives lived living residing resides "
    "in from to near visit visiting visited into toward towards outside leaving via southern northern eastern western city town village "
    "nach aus uit naar vers"
)
"""Words before places: behind them a word may be a place that no list has."""
AT_PLACES = words("at of around central bei à en de desde hasta a da di te w we z ze do na em no per dal dalla zu pour depuis ở 住在 来自")
"""Words that stand before places and much else."""
THINGS = words(
    "basil rosemary jasmine ginger sage dill vanilla pepper saffron cinnamon clove olive pumpkin cherry noel junior senior ruby pearl "
    "amber jade crystal java scala angular swift galaxy star sky summer spring autumn holly ivy heather daisy lily poppy faith hope "
    "grace joy mercy christmas easter pascal excel mercedes tesla alexa siri cortana kali oracle phoenix melody harmony destiny"
)
"""Given names that are things more often: only a word that asks for a person makes them one."""
LETTERED = words(
    "plan class type section vitamin hepatitis group grade appendix schedule annex option exhibit phase unit block building gate "
    "terminal zone line part table figure model series version room level stage category klasse typ gruppe anhang groupe annexe"
)
"""Words that a letter numbers."""
ALSO_FAMILY = words("king prince bishop west north east french english german welsh scott dias price may winter day")
"""Words of their own that are family names behind a given name."""
STREETS = words("street road avenue lane boulevard drive highway terrace crescent st rd ave blvd str strasse weg platz gasse straat laan")
"""Words behind which a name names a street."""
FIRMS = words(
    "orchestra investments investment research analytics airways records pictures press software pharma pharmaceuticals electronics "
    "museum festival prize award cathedral stadium airport"
)
"""Words behind which a name names no person."""
FIRM_BEFORE = re.compile(
    r"(?:\b(?:work(?:s|ed|ing)?|employed)(?: now)? (?:for|at)|\bshares of|\b(?:company|firm|brand|supplier|vendor|manufacturer|firm[ay]|"
    r"soci[ée]t[ée]|empresa|ditta|bedrijf|entreprise|marke|marque|marca|hurricane|cyclone|typhoon|model|modell|modelo|mod[èe]le|modello|"
    r"collection|colecci[óo]n|collezione|kollektion)) $",
    re.IGNORECASE,
)
HANDED_TO = re.compile(
    r"\b(?:hand|g[ai]v|forward|report|sp[eo]k|talk|write|wrote|assign|lend|lent|sold|issu|address|transfer|introduc|belong|post|escalat|"
    r"credit|paid|award|ship|deliver|sen[dt])[a-z]{0,5}(?: (?:this|it|them|that|back|over)){0,2} to $"
)
"""What is done to persons rather than places."""
NAMED_FIRMS = frozenset(
    """goldman sachs|morgan stanley|rolls royce|rolls-royce|merrill lynch|ernst young|hewlett packard|charles schwab|ralph lauren|
    calvin klein|tommy hilfiger|hugo boss|louis vuitton|harley davidson|harley-davidson|aston martin|jack daniel|jack daniels|jim beam|
    johnnie walker|estee lauder|mary kay|yves saint laurent|christian dior|eli lilly|john deere|wells fargo|walt disney|warner bros|
    michael kors|jimmy choo|paul smith|ted baker|laura ashley|john lewis|fred perry|jp morgan|j p morgan|jpmorgan chase|booz allen|
    booz allen hamilton|lockheed martin|northrop grumman|baker hughes|raymond james|edward jones|credit suisse|julius baer|
    charles tyrwhitt|philip morris|jones lang lasalle|cushman wakefield|arthur andersen|marks spencer|dolce gabbana|giorgio armani|
    emporio armani|karl lagerfeld|jean paul gaultier|black decker|procter gamble|johnson johnson|mercedes benz|mercedes-benz|
    dell emc|robert bosch|carl zeiss|max mara|pierre cardin|dr pepper|dr oetker|tim hortons|papa john|wendy's|mcdonald's|
    perkin elmer|sherwin williams|tom ford|
    charlotte tilbury|trader joe|madison square garden|ben jerry|harry potter|
    thomas cook|thomson reuters|lloyds bank|baker mckenzie|allen overy|clifford chance|linklaters|latham watkins|
    willis towers watson|marsh mclennan|arthur gallagher|jacobs douwe egberts|ben sherman|helly hansen|jack wolfskin|
    kimberly clark|kimberly-clark|colgate palmolive|bosch siemens|jaguar land rover|alfa romeo|martin marietta|parker hannifin|
    rockwell collins|stanley black|smith nephew|brown brothers harriman|lehman brothers|salomon brothers""".replace("\n    ", "").split("|")
)
"""Firms and brands that bear the full name of a person, or two names that look like one."""
EPONYM_BEHIND = re.compile(
    r"^(?:'s|’s)? (?:law|laws|disease|syndrome|theorem|test|scale|score|sign|rule|principle|effect|equation|index|transform|distribution|"
    r"algorithm|method|wort|palsy|lymphoma|catheter|cipher|coefficient|constant|number|reagent|solution|process|paradox|matrix|space|"
    r"series|wax|comet|telescope|gland|reflex|nucleus|disorder|an[ae]emia)\b"
)
"""Behind a name these words make it that of a thing."""
FIRM_BEHIND = re.compile(
    r"^(?:'s|’s)? (?:is|was) an? (?:[\w-]+ ){0,3}(?:agency|company|firm|bank|corporation|supplier|manufacturer|provider|vendor|start-?up|"
    r"retailer|investment|business|brand)\b"
)
"""What is said of firms and never of people."""
LANGUAGE_BEFORE = re.compile(
    r"\b(?:speak(?:s|ing)?|spoke|studying|studied|study|learn(?:ing|s|ed)?|fluent|teach(?:es|ing)?|taught|written|translated|translate|in|into|"
    r"from|native|basic|business|and|or)(?: in| into)? $",
    re.IGNORECASE,
)
LANGUAGE_BEHIND = re.compile(
    r"^(?: (?:and|or|language|lessons?|courses?|skills|teacher|translation|version|speakers?|literature)\b|[.,;)]|$)", re.IGNORECASE
)
"""Together they say that a word is a language and no nationality."""
CITIES = words(
    "milano napoli roma torino firenze genova munchen wien geneve bruxelles brussel antwerpen lisboa warszawa praha bucuresti beograd "
    "kobenhavn goteborg athina moskva nurnberg krakowie warszawie gdansku wroclawiu poznaniu lodzi"
) | {"den haag", "ciudad de mexico", "bad homburg", "new york", "los angeles"}
"""Towns as those who live there call them; the gazetteer knows them in English."""
LANDS = COUNTRIES | words(
    "polen belgique suisse niemcy polska chine japon belgien niederlande griechenland turkei russland tschechien danemark schweden "
    "norwegen ungarn kroatien rumanien indien brasilien mexiko turquie pologne pays-bas autriche grece russie maroc algerie tunisie "
    "turquia marruecos belgica suiza polonia svizzera grecia belgio turchia marocco spanje oostenrijk zwitserland turkije marokko "
    "francja hiszpania wlochy ukraina czechy anglia inglaterra"
)
"""Countries by the names that their neighbours give them, too."""
GERMAN = re.compile(r"\b(?:ist|und|nicht|wird|wurde|seit|f[üu]r|eine?[rnms]?|auf|zur?|zum|wegen|hat|sich|bei|mit|der|dem|den)\b")
"""A word by which German is known, where every noun begins with a capital."""
