"""How columns are called in further languages, for the types that a name decides: entity → phrases, ``~`` before ambiguous ones.

In order: Polish, Czech and Slovak, Hungarian, Romanian, Croatian and Serbian, Swedish, Danish and Norwegian, Finnish, Estonian,
Latvian and Lithuanian, Greek, Turkish, Indonesian and Malay, Filipino, Vietnamese, Thai, Hindi (romanised and Devanagari), Arabic and
Hebrew, Russian and Ukrainian, Japanese, Korean. Accents do not count.
"""

from __future__ import annotations

FURTHER: dict[str, str] = {
    "PERSON_NAME": (
        "imie|imie i nazwisko|imiona|nazwisko|nazwisko rodowe|nazwisko panienskie|drugie imie|imie ojca|imie matki|opiekun|"
        "jmeno|prijmeni|krestni jmeno|jmeno a prijmeni|rodne prijmeni|meno|priezvisko|~vezeteknev|keresztnev|csaladnev|teljes nev|"
        "anyja neve|~nev|nume si prenume|prenume|nume de familie|~nume|ime i prezime|prezime|~ime|"
        "fornamn|efternamn|namn|tilltalsnamn|fullstandigt namn|kontaktperson|handlaggare|anhorig|malsman|"
        "fornavn|etternavn|efternavn|mellomnavn|mellemnavn|fullt navn|kundenavn|~navn|saksbehandler|sagsbehandler|parorende|"
        "etunimi|sukunimi|kutsumanimi|koko nimi|yhteyshenkilo|~nimi|eesnimi|perekonnanimi|vards|uzvards|vardas|pavarde|"
        "onoma|eponymo|onomateponymo|ονομα|επωνυμο|ονοματεπωνυμο|"
        "adi|soyadi|isim|soyisim|ad soyad|adi soyadi|musteri adi|hasta adi|anne adi|baba adi|~soyad|~ad|~yetkili|"
        "nama lengkap|nama depan|nama belakang|nama pelanggan|nama pasien|nama ibu|nama ibu kandung|nama ayah|nama karyawan|~nama|"
        "pangalan|apelyido|ho ten|ho va ten|ten khach hang|nguoi lien he|~ten|ชื่อ|นามสกุล|ชื่อสกุล|"
        "naam ka pehla|pita ka naam|mata ka naam|pati ka naam|father name|mother name|husband name|father husband name|spouse name|"
        "guardian name|~pita|~mata|pt name|नाम|पूरा नाम|पिता का नाम|"
        "ism|al ism|~laqab|الاسم|اسم|الاسم الكامل|الاسم الاول|اسم العائلة|اللقب|שם|שם פרטי|שם משפחה|"
        "imya|familiya|otchestvo|fio|имя|фамилия|отчество|фио|ф и о|полное имя|контактное лицо|имя клиента|прізвище|імя|по батькові|"
        "氏名|名前|お名前|姓名|顧客氏名|患者氏名|氏名カナ|フリガナ|ふりがな|カナ氏名|カナ|担当者|担当者名|保護者名|シメイ|shimei|furigana|"
        "이름|성명|성함|고객명|환자명|담당자|보호자|"
        "nom famille|nome titular|nome cliente|kundnamn|kundens namn|klient nazwisko|nume client|~titolare|~inwestor|"
        "~wnioskodawca|~aanvrager|~behandelaar|~sachbearbeiter|~antragsteller|~bauherr|~demandeur|~solicitante|~requerente|"
        "~richiedente|~beneficiario|~beneficiaire|~sokande|~hakija|~zadatel|~kerelmezo|~заявитель|~исполнитель|"
        "~responsable|~klient|~klientka|~kund|~kunde|~cliente|~klant|~zakaznik|~pelanggan|~nasabah|客户|顧客名|申込者|申請者|~申請者|聯絡人|客戶姓名|申請人|負責人|代表者|신청인|신청자|담당자명|~대표자"
    ),
    "EMAIL": (
        "adres email|adres e mail|poczta elektroniczna|adresa de email|e posta|eposta|eposta adresi|epost|e post|epostadress|"
        "epostadresse|sahkoposti|sahkopostiosoite|e paste|el pastas|ηλεκτρονικο ταχυδρομειο|surel|alamat email|emel|thu dien tu|"
        "อีเมล|ईमेल|बريد|البريد الالكتروني|בריד|דואל|דוא ל|электронная почта|эл почта|почта|імейл|メールアドレス|電子メール|"
        "이메일|이메일주소|전자우편|"
        "adres poczty|電子郵件|電子信箱|電郵|電郵地址"
    ),
    "PHONE": (
        "numer telefonu|nr telefonu|nr tel|telefon komorkowy|komorka|tel kom|telefonni cislo|cislo telefonu|mobil|telefonszam|mobilszam|"
        "numar de telefon|numar telefon|broj telefona|mobitel|telefonnr|mobilnr|mobiltelefon|tlf|tlfnr|telefonnummer|"
        "puhelin|puhelinnumero|matkapuhelin|puh|telefoni number|talrunis|telefona numurs|τηλεφωνο|κινητο|"
        "telefon no|tel no|cep telefonu|cep tel|~cep|gsm|gsm no|no telepon|nomor telepon|no hp|nomor hp|no telp|telp|telepon|"
        "telefon bimbit|no telefon|numero ng telepono|so dien thoai|dien thoai|sdt|di dong|โทรศัพท์|เบอร์โทร|เบอร์โทรศัพท์|มือถือ|"
        "mobile no|phone no|dur bhash|मोबाइल|फोन|फोन नंबर|hatif|jawwal|raqm al hatif|هاتف|الهاتف|رقم الهاتف|الجوال|رقم الجوال|טלפון|נייד|"
        "телефон|номер телефона|мобильный|мобильный телефон|сотовый|тел|номер телефону|"
        "電話|携帯|携帯電話|携帯番号|電話番号|連絡先|denwa|전화|전화번호|휴대전화|휴대폰번호|연락처|"
        "cellulaire|handynr|telefonummer|telefoonnr|gsm nummer|nr kom|聯絡電話|連絡電話|手機|手機號|手機號碼|移动电话|移動電話|"
        "行動電話|市話|傳真|連絡先電話番号"
    ),
    "ADDRESS": (
        "adres zamieszkania|adres zameldowania|adres korespondencyjny|ulica|~ul|~domic|ulica i numer|adresa|adresa bydliste|bydliste|ulice|"
        "lakcim|cim|utca|adresa domiciliu|domiciliu|strada|adresa prebivalista|gatuadress|adress|postadress|hemadress|bostadsadress|"
        "gateadresse|gade|vejnavn|bopael|bopel|osoite|katuosoite|kotiosoite|aadress|elukoht|adrese|adresas|διευθυνση|οδος|"
        "adres|adresi|ev adresi|is adresi|ikametgah|alamat|alamat rumah|alamat lengkap|jalan|tirahan|dia chi|ที่อยู่|"
        "pata|ghar ka pata|पता|anwan|al anwan|العنوان|عنوان|כתובת|adres prozhivaniya|адрес|адрес проживания|адрес регистрации|"
        "место жительства|улица|адреса|住所|ご住所|現住所|番地|jusho|주소|거주지|"
        "通訊地址|戶籍地址|聯絡地址|所在地|소재지"
    ),
    "DATE_OF_BIRTH": (
        "data urodzenia|data ur|rok urodzenia|urodzony|datum narozeni|datum narodenia|rok narozeni|szuletesi datum|szuletesi ido|"
        "szuletett|data nasterii|data nastere|datum rodenja|datum rodjenja|fodelsedatum|fodelsear|fodd|fodselsdato|fodselsdag|"
        "foedselsdato|fodt|syntymaaika|syntymapaiva|syntymavuosi|sunniaeg|dzimsanas datums|gimimo data|ημερομηνια γεννησης|"
        "dogum tarihi|dogum gunu|dogum yili|d tarihi|tanggal lahir|tgl lahir|tarikh lahir|tahun lahir|petsa ng kapanganakan|"
        "ngay sinh|nam sinh|ngay thang nam sinh|วันเกิด|janm tithi|janam tithi|जन्म तिथि|जन्मतिथि|tarikh al milad|"
        "تاريخ الميلاد|تاريخ الولادة|תאריך לידה|data rozhdeniya|дата рождения|год рождения|день рождения|дата народження|"
        "生年月日|誕生日|生まれ|seinengappi|생년월일|생일|출생일|"
        "nato il|nata il|geb dat|f nac|f nacimiento|fec nacimiento|dt nascimento|dt nasc|data nasc|ano nascimento|"
        "ano de nascimento|ano nacimiento|anno di nascita|anno nascita|出生年月日"
    ),
    "GENDER": (
        "geschl|gesl|"
        "plec|pohlavi|pohlavie|~nem|neme|sexul|spol|kon|konn|kjonn|kon kode|sukupuoli|sugu|dzimums|lytis|φυλο|cinsiyet|cinsiyeti|"
        "jenis kelamin|jantina|kasarian|gioi tinh|เพศ|ling|लिंग|jins|al jins|الجنس|النوع|מין|~pol|пол|стать|性別|seibetsu|성별"
    ),
    "POSTAL_CODE": (
        "kod pocztowy|psc|postovni smerovaci cislo|iranyitoszam|irsz|cod postal|postanski broj|postnr|postnummer|postkod|"
        "postinumero|sihtnumber|pasta indekss|pasto kodas|ταχυδρομικος κωδικας|τκ|posta kodu|kode pos|kodepos|poskod|ma buu dien|"
        "ma buu chinh|รหัสไปรษณีย์|pin kod|पिन कोड|ramz baridi|الرمز البريدي|מיקוד|pochtovyi indeks|почтовый индекс|индекс|"
        "поштовий індекс|郵便番号|yubin bango|우편번호|"
        "郵遞區號|邮递区号"
    ),
    "CITY": (
        "miasto|miejscowosc|miejsce zamieszkania|miejsce urodzenia|gmina|mesto|obec|misto narozeni|varos|telepules|szuletesi hely|"
        "oras|localitate|orasul|grad|postort|bostadsort|kommun|fodelseort|poststed|kommune|fodested|by navn|bynavn|"
        "kaupunki|postitoimipaikka|kunta|syntymapaikka|linn|pilseta|miestas|πολη|sehir|ilce|il ilce|dogum yeri|~il|kota|kabupaten|"
        "kecamatan|tempat lahir|bandar|lungsod|thanh pho|noi sinh|quan huyen|เมือง|อำเภอ|shahar|gaon|शहर|गाँव|"
        "madina|المدينة|مدينة|عير|gorod|город|населенный пункт|место рождения|місто|市町村|市区|出身地|도시|시군구|"
        "municipalite|burgerort|heimatort|鄉鎮市區|縣市|居住城市"
    ),
    "NATIONAL_ID": (
        "nr dowodu|numer dowodu|dowod osobisty|seria i numer dowodu|cislo op|obcansky prukaz|szemelyi szam|"
        "szemelyi igazolvany|serie buletin|numar buletin|carte de identitate|broj osobne|personkod|henkilokortti|nomor identitas|"
        "no identitas|no ic|no kad pengenalan baru|cccd|cmnd|can cuoc cong dan|so cmnd|raqm al hawiya|رقم الهوية|الهوية الوطنية|"
        "رقم البطاقة|номер паспорта рф|снилс|инн|snils|~inn|新分証|身分証番号|신분증번호|"
        "~id number|~id no|~identification number|~documento|doc identidad|documento identidad|身份證號碼|身分證號碼"
    ),
    "PASSPORT": (
        "paszport|nr paszportu|numer paszportu|cislo pasu|utlevelszam|numar pasaport|pasaport|pasaport no|passnr|passinumero|"
        "nomor paspor|no paspor|no pasport|ho chieu|so ho chieu|passport sankhya|رقم جواز السفر|جواز السفر|דרכון|паспорт|номер паспорта|"
        "загранпаспорт|旅券番号|パスポート|"
        "護照|護照號碼"
    ),
    "BANK_ACCOUNT": (
        "nr konta|numer konta|numer rachunku|nr rachunku|rachunek|rachunek bankowy|cislo uctu|bankovni ucet|bankszamlaszam|szamlaszam|"
        "cont bancar|numar cont|broj racuna|ziro racun|kontonr|bankkontonummer|bankgiro|clearingnummer|tilinumero|pankkitili|"
        "arvelduskonto|τραπεζικος λογαριασμος|hesap no|hesap numarasi|banka hesap no|nomor rekening|no rekening|norek|rekening|"
        "nombor akaun|no akaun|so tai khoan|tai khoan ngan hang|เลขที่บัญชี|khata sankhya|खाता संख्या|raqm al hisab|رقم الحساب|"
        "מספר חשבון|номер счета|расчетный счет|р с|банковский счет|номер рахунку|口座番号|銀行口座|계좌번호|통장번호|"
        "conta corrente|銀行帳號|銀行帳戶|帳戶號碼|~帳號|通帳番号"
    ),
    "SALARY": (
        "wynagrodzenie|wynagrodzenie brutto|wynagrodzenie netto|pensja|placa|zarobki|plat|mzda|hruba mzda|fizetes|brutto ber|jovedelem|"
        "salariu|salariul|venit|placa bruto|~lon|manadslon|arslon|loenn|manedslonn|arslonn|bruttolon|palkka|kuukausipalkka|"
        "palk|alga|darbo uzmokestis|μισθος|maas|brut maas|net maas|gelir|gaji|gaji pokok|penghasilan|pendapatan|sahod|luong|"
        "thu nhap|เงินเดือน|รายได้|vetan|वेतन|ratib|الراتب|راتب|שכר|משכורת|zarplata|зарплата|заработная плата|оклад|доход|"
        "給与|月給|年収|給料|급여|연봉|월급|"
        "lonn|~lon|remuneracao|remuneracion|remuneracion bruta|vencimento|vencimentos|jahresbruttogehalt|brutoloon|nettoloon|"
        "loon|bruttolohn|nettogehalt|sueldo base|nomina mensual|月薪|薪資|薪水|年薪|월급여"
    ),
    "HEALTH": (
        "rozpoznanie|choroba|choroby|schorzenie|alergie|alergia|niepelnosprawnosc|stopien niepelnosprawnosci|lek|"
        "leki|diagnoza|nemoc|onemocneni|zdravotni stav|"
        "lecba|betegseg|allergia|gyogyszer|boala|diagnosticul|afectiune|bolest|dijagnoza|sjukdom|diagnoskod|lakemedel|"
        "funktionsnedsattning|allergier|sygdom|sykdom|legemiddel|laegemiddel|medisin|funksjonshemming|sairaus|diagnoosi|laakitys|"
        "allergiat|haigus|diagnoze|διαγνωση|νοσος|tani|teshis|hastalik|ilac|alerji|engellilik|engel durumu|penyakit|diagnosa|obat|"
        "alergi|disabilitas|ubat|sakit|chan doan|benh|tien su benh|thuoc|การวินิจฉัย|โรค|ยา|rog|bimari|dawai|निदान|रोग|"
        "dx|provisional dx|final dx|provisional diagnosis|working diagnosis|discharge diagnosis|chief complaint|"
        "tashkhis|marad|التشخيص|المرض|الدواء|אבחנה|מחלה|diagnoz|диагноз|заболевание|болезнь|инвалидность|аллергия|лекарство|"
        "хвороба|病名|診断名|傷病名|既往歴|アレルギー|障害|薬剤|진단|진단명|질병|병력|약물|장애|"
        "diagnos|diagnos kod|cid10|cie10|cim10|prescribed drug|prescribed medication|診斷|疾病名稱|病史|藥物|藥品|過敏史|主訴|진단코드"
    ),
    "RELIGION": (
        "wyznanie|religia|nabozenstvi|vallas|religie|vjera|vera|~tro|trossamfund|trosretning|livssyn|uskonto|uskontokunta|usk|"
        "θρησκεια|~din|dini|dini inanc|mezhep|agama|relihiyon|ton giao|ศาสนา|dharm|mazhab|धर्म|diyana|الديانة|דת|"
        "religiya|религия|вероисповедание|віросповідання|信仰|종교|"
        "din inanci"
    ),
    "NATIONALITY": (
        "obywatelstwo|narodowosc|statni prislusnost|statni obcanstvi|narodnost|allampolgarsag|cetatenie|drzavljanstvo|"
        "medborgarskap|nationalitet|statsborgerskap|statsborgerskab|nasjonalitet|kansalaisuus|kodakondsus|pilsoniba|pilietybe|"
        "υπηκοοτητα|εθνικοτητα|uyruk|uyrugu|vatandaslik|kewarganegaraan|kebangsaan|warganegara|pagkamamamayan|quoc tich|สัญชาติ|"
        "rashtriyata|राष्ट्रीयता|jinsiya|الجنسية|אזרחות|grazhdanstvo|гражданство|национальность|громадянство|国籍|국적|"
        "國籍|medborgare"
    ),
    "MARITAL_STATUS": (
        "stan cywilny|rodinny stav|csaladi allapot|stare civila|bracno stanje|civilstand|sivilstand|civilstatus|sivilstatus|"
        "siviilisaaty|perekonnaseis|gimenes stavoklis|seimine padetis|οικογενειακη κατασταση|medeni hal|medeni durum|medeni hali|"
        "status perkawinan|status pernikahan|status perkahwinan|taraf perkahwinan|tinh trang hon nhan|สถานภาพ|vaivahik sthiti|"
        "वैवाहिक स्थिति|al hala al ijtimaiya|الحالة الاجتماعية|מצב משפחתי|семейное положение|сімейний стан|婚姻状況|配偶者|配偶者の有無|"
        "혼인상태|결혼여부|"
        "civil state|婚姻狀況|婚姻狀態"
    ),
    "RACE_ETHNICITY": (
        "caste|caste category|social category|~community|jati|jaati|जाति|pochodzenie etniczne|etnisk tillhorighet|etnicka prislusnost|"
        "etnisk bakgrunn|suku|suku bangsa|bangsa|~kaum|dan toc|etnik koken|национальная принадлежность|인종|人種|民族"
    ),
    "LICENSE_PLATE": (
        "numer rejestracyjny|nr rejestracyjny|tablica rejestracyjna|spz|rz vozidla|rendszam|numar inmatriculare|nr inmatriculare|"
        "registarska oznaka|regnr|registreringsnummer|registreringsskylt|regnummer|nummerplade|nummerskilt|bilnummer|"
        "rekisterinumero|rekisteritunnus|autonumber|numura zime|αριθμος κυκλοφοριας|plaka|plaka no|arac plaka|plat nomor|"
        "nomor polisi|no polisi|nopol|no plat|plat kenderaan|bien so|bien so xe|ทะเบียนรถ|gadi number|vehicle no|gaadi number|"
        "raqm al lawha|رقم اللوحة|מספר רכב|госномер|гос номер|номерной знак|номер автомобиля|номер авто|車両番号|登録番号|차량번호|"
        "번호판|"
        "rego|nummerplaat|tablica rej|~plaque|plaque immatriculation|plaka numarasi|車牌|車牌號碼|車號|カーナンバー"
    ),
    "MRN": (
        "uhid|hospital id|opd no|ipd no|patient uid|nr kartoteki|numer pacjenta|journalnummer|potilasnumero|hasta no|protokol no|"
        "no rekam medis|nomor rekam medis|no rm|ma benh nhan|~номер карты|номер истории болезни|患者番号|患者id|診察券番号|"
        "환자번호|등록번호|"
        "hospital no|hospital nr|病歷號|病歷號碼"
    ),
    "HEALTH_INSURANCE_ID": (
        "abha|abha id|abha number|abha no|ayushman|health id|ehic|ekuz|nr ubezpieczenia|taj szam|taj|no bpjs|nomor bpjs|bpjs|"
        "ma so bhxh|so bhyt|bhyt|полис омс|номер полиса|номер полиса омс|保険証番号|被保険者番号|保険者番号|건강보험번호"
    ),
    "EMPLOYEE_ID": (
        "nr pracownika|numer pracownika|nr ewidencyjny|osobni cislo|dolgozoi azonosito|marca angajat|anstallningsnummer|"
        "medarbejdernummer|ansattnummer|henkilonumero|personel no|sicil no|nik karyawan|no karyawan|nomor induk karyawan|ma nhan vien|"
        "табельный номер|таб номер|社員番号|職員番号|사번|사원번호|직원번호|"
        "員工編號|工號"
    ),
    "USERNAME": (
        "nazwa uzytkownika|uzytkownik|uzivatelske jmeno|felhasznalonev|nume utilizator|korisnicko ime|anvandarnamn|brukernavn|"
        "brugernavn|kayttajatunnus|kasutajanimi|kullanici adi|nama pengguna|ten dang nhap|اسم المستخدم|שם משתמש|логин|имя пользователя|"
        "ユーザー名|ログインid|아이디|사용자명|"
        "使用者名稱|用戶名"
    ),
    "AGE": (
        "wiek|vek|eletkor|varsta|dob godina|alder|ika|vanus|vecums|amzius|ηλικια|yas|yasi|umur|usia|tuoi|อายุ|umr|ayu|आयु|omr|"
        "العمر|السن|גיל|vozrast|возраст|вік|年齢|年齢層|나이|연령|"
        "年齡|rango edad|grupo edad|grupo de edad|rango de edad|tranche d age|classe d age|age group|age range|age band|"
        "altersgruppe|fascia di eta|faixa etaria|leeftijdsgroep|aldersgrupp|ikaryhma|przedzial wiekowy"
    ),
    "DRIVER_LICENSE": (
        "prawo jazdy|nr prawa jazdy|numer prawa jazdy|ridicsky prukaz|vodicsky preukaz|jogositvany|vezetoi engedely|"
        "permis conducere|permis de conducere|vozacka dozvola|korkort|korkortsnummer|forerkort|forerkortnummer|korekort|"
        "korekortnummer|ajokortti|ajokorttinumero|juhiluba|vairuotojo pazymejimas|αδεια οδηγησης|διπλωμα οδηγησης|ehliyet|"
        "ehliyet no|surucu belgesi|no sim pengemudi|lesen memandu|giay phep lai xe|gplx|ใบขับขี่|رخصة القيادة|רישיון נהיגה|"
        "водительское удостоверение|посвідчення водія|運転免許証番号|免許証番号|운전면허번호|운전면허|駕照|駕照號碼|"
        "permiso conducir|permiso de conducir|"
        "permiso de conduccion|licencia de manejo|licencia de conduccion|carne de conducir|numero patente|"
        "carteira de motorista|habilitacao"
    ),
    "PASSWORD": (
        "haslo|heslo|jelszo|lozinka|losenord|passord|adgangskode|kodeord|salasana|parool|slaptazodis|κωδικος προσβασης|sifre|"
        "kata sandi|kata laluan|mat khau|รหัสผ่าน|पासवर्ड|كلمة المرور|كلمة السر|סיסמה|пароль|暗証番号|密碼|암호|~parola"
    ),
    "CREDIT_CARD": (
        "numer karty|nr karty|cislo karty|kartyaszam|bankkartyaszam|numar card|broj kartice|kortnummer|kontokortsnummer|"
        "kredittkort|kredittkortnummer|kreditkort|luottokortti|luottokortin numero|korttinumero|αριθμος καρτας|kart no|"
        "kart numarasi|kredi karti|kredi karti no|nomor kartu|nomor kartu kredit|kartu kredit|no kad kredit|so the tin dung|"
        "หมายเลขบัตรเครดิต|رقم بطاقة الائتمان|מספר כרטיס אשראי|כרטיס אשראי|номер карты|номер банковской карты|кредитная карта|"
        "カード番号|クレジットカード番号|카드번호|신용카드번호|信用卡號|信用卡號碼|卡號|"
        "no carte|no de carte|carte credit|kreditkartennr|num tarjeta"
    ),
    "VIN": (
        "chassis no|chassis nr|numer vin|nr vin|nr podwozia|stelnummer|understellsnummer|alustanumero|valmistenumero|sasi no|"
        "sase no|nomor rangka|no rangka|no casis|so khung|номер кузова|вин код|車台番号|차대번호|車身號碼"
    ),
    "POLITICAL": (
        "partia polityczna|politicka strana|~partia|puolue|politisk parti|~parti|siyasi parti|partai politik|dang phai|"
        "политическая партия|партия|所属政党|政党|政黨|정당|parteienzugehorigkeit"
    ),
    "GEO": (
        "coords|szerokosc geograficzna|dlugosc geograficzna|zemepisna sirka|zemepisna delka|foldrajzi szelesseg|"
        "foldrajzi hosszusag|leveysaste|pituusaste|breddegrad|lengdegrad|laengdegrad|γεωγραφικο πλατος|γεωγραφικο μηκος|enlem|"
        "boylam|garis lintang|garis bujur|lintang|bujur|vi do|kinh do|ละติจูด|ลองจิจูด|خط العرض|خط الطول|קו רוחב|קו אורך|"
        "широта|долгота|довгота|緯度|経度|經度|위도|경도|座標|좌표|koordynaty|koordinater|koordinaatit|koordinat|koordinatlar|souradnice|"
        "koordinatak|координаты"
    ),
    "CVV": ("kod cvv|cvv kod|cvv kodu|kod cvc|安全碼|セキュリティコード"),
    "IP_ADDRESS": ("remote host|adres ip|ip adresa|ip cim|ip osoite|ip adresi|alamat ip|dia chi ip|ip адрес|ipアドレス|ip주소|ip位址"),
    "TRADE_UNION": (
        "zwiazek zawodowy|odbory|szakszervezet|sindicat|fackforbund|fagforening|ammattiliitto|sendika|профсоюз|労働組合|노동조합"
    ),
    "SEXUAL_ORIENTATION": (
        "orientacja seksualna|sexualni orientace|szexualis iranyultsag|orientare sexuala|sexuell laggning|seksuell orientering|"
        "seksuel orientering|seksuaalinen suuntautuminen|cinsel yonelim|orientasi seksual|сексуальная ориентация|性的指向|성적지향"
    ),
    "BLOOD_TYPE": (
        "grupa krwi|krevni skupina|vercsoport|grupa sanguina|krvna grupa|blodgrupp|blodtype|veriryhma|kan grubu|golongan darah|"
        "nhom mau|группа крови|血液型|혈액형|فصيلة الدم|סוג דם"
    ),
}
