"""What people of an invented town write, for a million rows of search data."""

# Words of a town, put together as Swedish does.
STEMS = """
    kommun skol bad väg gat buss lärar barn äldre omsorg park bibliotek snö plog avgift
    hus bygg lov tomt skog sjö hamn torg bil cykel trafik ljus lampor träd el vatten
    avlopp sop miljö kost mat elev rektor politik val møte nämnd beslut pengar skatt
    tid fråga svar problem fel hjälp tack bra dålig ny gammal stor liten
"""
ENDS = """
    en et er erna ar arna s ens ning ningen het lig liga plan planen chef chefen huset
    gården verket stad by
"""
COMMON = """
    och i att det som en på är av för med till den har de inte om ett men var jag vi ni
    kommunen
"""
QUERIES = (
    "skola",
    "badhuset",
    "kommunen",
    "avgift",
    "Namn123 Efternamn123",
    "snöplogning",
    "tack bra",
    "lärare problem",
    '"vatten avlopp"',
    "bibliotek",
    "politikerna",
    "huset",
    "bygglov -tomt",
    "rektor",
    "finnsinte",
    "och",
    "skolplanen",
    "kommun",
    "planen",
    "problem OR hjälp",
    "äldreomsorg",
    "hjälpte mig",
)
