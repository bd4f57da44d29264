"""English words that tell what kind of thing a capitalised phrase names."""

from services.enrichment.domain.text import listed

TITLES = listed("""
    chair chef chief speaker striker prosecutor commissioner executive goalkeeper midfielder defender captain pastor
    actor actress admiral ambassador archbishop attorney author ayatollah bishop capt captain cardinal ceo cfo
    chairman chairperson chairwoman chancellor coach col colonel commander congressman congresswoman constable
    consul corporal councillor cto dame detective director director-general dr emperor ex father former founder
    gen general gov governor imam inspector judge justice king lady lieutenant lord lt major manager marshal mayor
    minister miss mr mrs ms mx officer pope premier president prince princess prof professor queen rabbi rep
    representative rev reverend secretary sen senator sergeant sgt sheikh sheriff singer sir sister spokesman
    spokesperson spokeswoman vice-president
""")
ORGANISATION_ENDS = listed("""
    albion athletic bancorp bundeswehr cathedral electric electronics fc fire-brigade magazine newspaper orchestra
    rangers rovers sec squad team times-herald united bundestag cement cross forum lines pharmaceuticals
    reserve scouts steel theater theatre workers academy administration ag agency airlines airways alliance army
    assembly associates association authority bank board brigade bureau cabinet center centre church clinic club co
    co. coalition college commission committee company congress corp corp. corporation council court democrats
    department exchange federation force forces foundation front fund gazette gmbh group guard herald holdings
    hospital inc inc. industries institute institution journal laboratories laboratory league llc ltd ltd. ministry
    motors movement museum nations navy network news observatory office organisation organization parliament
    partners party pictures plc police post press radio records republicans sa school senate service services
    society software states-union studios systems technologies television times tribune trust union university
""")
ORGANISATION_STARTS = listed("""
    association bank board bureau church commission committee council court democratic department embassy
    federation house institute ministry office organisation organization republican university
""")
PLACE_ENDS = listed("""
    alps delta east hall islands north pass prefecture south spit stadium temple tunnel west
    airport avenue bay beach boulevard bridge canyon capital city coast county desert district forest gulf harbor
    harbour heights highway hills island islands kingdom lake mount mountain mountains ocean park peninsula port
    province region republic river road sea square state station strait street territory town township valley
    village
""")
PLACE_STARTS = listed("""
    st.
    bay cape city fort gulf island isle kingdom lake mount port republic river sea state strait
""")
EVENT_ENDS = listed("""
    deal depression offensive reformation show
    accord accords act agreement attack attacks award awards bill bowl championship championships championships'
    conference congress-day convention crisis cup cyclone day derby earthquake election elections expo fair
    festival games hurricane marathon massacre olympics open oscars prix prize referendum revolution series storm
    summit tournament treaty trial tsunami typhoon uprising war week
""")
EVENT_STARTS = listed("""
    blizzard festival marathon storm battle cyclone hurricane operation tropical typhoon
""")
CALENDAR = listed("""
    afp am ap apr april aug august christmas dec december easter edt est feb february fri friday gmt jan january
    jul july jun june mar march may mon monday nov november oct october pdt pm pst reuters sat saturday sep sept
    september sun sunday thu thurs thursday tue tues tuesday upi utc wed wednesday
""")
PARTICLES = listed("""
    al ben bin da de del della den der di dos du el ibn la las le los van von
""")
INNER = PARTICLES | listed("and at for in of on the")
DETERMINERS = listed("a an the")
NAMES_WITH_THE = listed("the hague, the gambia, the bahamas", ",")
HEADS_OF = listed("""
    academy archbishopric army association bank bay board bureau cape centre center chamber church city college
    commission committee confederation council county court department duchy federation free garden group gulf hall
    house institute isle kingdom league library ministry mount museum nations office order organisation organization
    palace parliament party people's port principality province republic river school sea secretariat senate society
    sons state states strait summit temple tower treaty union university valley wall war women battle siege tour
""")
BEFORE_TITLES = listed("""
    acting assistant associate attorney brigadier chief defence defense deputy economy education energy environment
    executive federal finance first foreign former general health home house interior justice labour managing
    national police prime senior trade transport under vice
""")
ACTS = listed("""
    is was has had will would can could may might must says said and, announced began beat began bought brought built
    came cut did does fell found gave got held hopes kept killed knew led left lost made makes met paid plans put ran
    rose sold sent set shot spent spoke stood struck taught told took wants went won wrote
""")
DEMONYMS = listed("""
    afghan african albanian algerian american arab argentine argentinian armenian asian australian austrian azeri
    bangladeshi basque belarusian belgian bolivian bosnian brazilian british bulgarian burmese cambodian canadian
    catalan catholic chilean chinese christian colombian congolese croatian cuban cypriot czech danish democrat dutch
    ecuadorean ecuadorian egyptian english eritrean estonian ethiopian european filipino finnish flemish french
    georgian german ghanaian greek guatemalan haitian hawaiian hindu honduran hungarian icelandic indian indonesian
    iranian iraqi irish islamic israeli italian ivorian jamaican japanese jewish jordanian kazakh kenyan korean
    kurd kurdish kuwaiti latin latvian lebanese liberian libyan lithuanian malaysian maltese mexican moldovan mongolian
    moroccan mozambican muslim nepalese nicaraguan nigerian norwegian pakistani palestinian panamanian peruvian
    polish portuguese protestant qatari republican roman romanian russian rwandan saudi scottish senegalese serb
    serbian shiite singaporean slovak slovenian somali spanish sudanese sunni swedish swiss syrian taiwanese
    tanzanian thai tibetan tunisian turkish ugandan ukrainian uruguayan uzbek venezuelan vietnamese welsh western
    yemeni zambian zimbabwean
""")
GIVEN = listed("""
    adrian alan alfred allison andy angus annie antonio arnold audrey austin ava barry benny bernard bert beth blake
    brendan brett callum camilla carla chad chloe claire clara clive colin connor    damian darren
     dean debbie derek dick dominic  donovan duncan  edgar eleanor ellen elton eva evan  felix fiona
    frederick gareth gavin geoff geoffrey george gerard gina glenn gordon graham hans harriet harry  hugh ian
    isaac isabel jamie jared jay jeanne jenny jill jimmy joanna joel jonas josh julian kate kay keir ken kirk kurt
    kylie  lee leo leon leonard lewis liam lily liz louis louise lucy luke malcolm marc marco marcus marina
    martin marvin  mel mia  mitch mitt molly monica naomi natasha neil nigel nina norman oliver oscar otto
    owen   phil philippa pierre quentin ralph  rebekah rex rita  robin  roger roland rory rosa
     ross  rupert sally sandy sebastian shane shaun shirley simon sofia stan stella stuart sue sylvia ted
    tina todd tracy trevor valerie vera vic victor wendy  winston yvonne zac zoe aaron abdul abigail adam ahmed
    albert alex alexander alexis ali alice amanda amber amy andrea andrew angela ann anna anthony arthur ashley
    barack barbara bashar ben benjamin betty beverly bill bob bobby boris brad bradley brandon brenda brian brittany
    bruce bryan carl carlos carol carolyn catherine charles charlotte cheryl chris christina christine christopher
    clint cynthia dan daniel danielle dave david deborah debra denise dennis diana diane diego dmitry donald donna
    doris douglas dylan ed edward elijah elizabeth emily emma emmanuel eric ethan evelyn fernando frances francois
    frank gabriel gary george gerald giuseppe gloria grace greg gregory hamid hannah harold hassan heather helen
    henry hillary hussein ibrahim imran isabella ivan jack jacob jacqueline james janet janice jason jean
    jean-claude jeff jeffrey jennifer jeremy jerry jesse jessica jessica-alba jim joan joe john jonathan jordan
    jorge jose joseph joshua joyce juan judith judy julia julie junichiro justin karen katherine kathleen kathryn
    kayla keith kelly kenneth kevin khalid kim kimberly kobe kyle larry laura lauren lawrence lebron lee li linda
    lindsay lisa logan lori luis madison mahmoud margaret maria marie marilyn mario mark martha mary mason matt
    matthew megan melissa michael michelle miguel mike mikhail mohamed mohammed moon muhammad nancy narendra natalie
    nathan nawaz nicholas nick nicolas nicole noah olivia omar oprah pamela park patricia patrick paul pedro peter
    philip rachel rafael rahul ralph randy raymond rebecca reese richard robert roger ron ronald roy russell ruth
    ryan sam samantha samuel sandra sara sarah scott sean sergei sharon shimon shinzo shirley silvio sophia
    stephanie stephen steve steven susan taro teresa terry theresa thomas tiger tim timothy tom tony tyler victoria
    vincent virginia vladimir walter wang wayne william willie xi yitzhak yusuf zachary zhang
""")
#: Short forms by capitals: of places; and of what is no name of anybody (`TV`, `CEO`, `Rs`).
SHORT_PLACES = listed("""
    us u.s. usa u.s.a. uk u.k. uae dc d.c. ny la nyc hk nsw drc dprk prc ussr ala ariz ark calif colo conn fla ga
    ill kan ky mass md mich minn mo mont nev okla ore pa tenn tex va vt wash wis wyo
""")
SHORT_THINGS = listed("""
    ai aids am api app ar atm av bbq cctv cd ceo cfo coo covid cpu cto cv diy dna dj dsp dsps dvd dvds ebitda eps
    esg etf ev evs faq gcse gdp gmo gmt gps gpu hd hdtv hiv hp hr hq ict id ii iii iot ipo iq it iv lcd led lng mp
    mps mph mri mvp ngo ngos oled ok pc pcs pdf pm pr ps pt ptsd q&a qr rs rna roi saas sms suv suvs tv tvs uav ufo
    url usb usd vat vip vips vpn vr wi-fi wmd xl
""")
#: A word behind a name (`Lang Ha street`, `Acme shares`) or, with "of", before it, that says what it names.
PLACE_BEHIND = listed("""
    airport area bay beach border bridge city coast coastline commune county creek crossing delta district estuary
    forest harbor harbour highway hills island islands junction lagoon lake market mountain mountains municipality
    neighborhood neighbourhood peninsula plateau port province region river road square station strait street suburb
    town township valley village ward waterfront
""")
ORGANISATION_BEHIND = listed("""
    airline airlines bank brand bosses ceo cfo chain club employees executive executives factory firm
    flight maker newspaper plant shareholders shares spokesman spokesperson spokeswoman
    stock stores subsidiary
""")
ROLES = TITLES | listed("""
    analyst analysts correspondent dean economist engineer expert fellow historian lawyer lecturer partner researcher
    scientist specialist strategist trader
""")
