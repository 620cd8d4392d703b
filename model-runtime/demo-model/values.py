"""The values that fill the grammar: names, order numbers, products, dates. One in eight names, numbers and products is
kept for the held-out messages and never appears in training."""
import random
import string
import zlib

FIRST_NAMES = """Maria Anna Peter Paul Laura Julia Thomas Michael Sarah Daniel David Lisa Emma Olivia Noah Liam Sophia Mia
Lucas Leon Elena Marco Luca Giulia Francesca Carlos Jose Ana Lucia Carmen Pedro Miguel Sofia Pablo Jan Piotr Katarzyna
Agnieszka Tomasz Magda Eva Petra Martin Stefan Christian Andreas Claudia Monika Sabine Karin Ingrid Lars Erik Nils Astrid
Freya Bjorn Olaf Kirsten Hanna Mikko Aino Jukka Pierre Marie Jean Louis Camille Chloe Antoine Nicolas Claire Amelie John
James Robert William Mary Patricia Jennifer Linda Elizabeth Barbara Susan Jessica Karen Nancy Betty Margaret Sandra Ashley
Kim Emily Donna Michelle Carol Amanda Melissa Deborah Stephanie Rebecca Sharon Cynthia Kathleen Amy Angela Shirley Brenda
Pamela Nicole Samantha Katherine Helen Christine Debra Rachel Carolyn Janet Catherine Heather Diane Virginia Ruth Joyce
George Kenneth Steven Edward Brian Ronald Anthony Kevin Jason Matthew Gary Timothy Larry Jeffrey Frank Scott Eric Stephen
Andrew Raymond Gregory Joshua Jerry Dennis Walter Patrick Harold Douglas Henry Carl Arthur Ryan Roger Joe Jack Albert
Jonathan Justin Terry Gerald Keith Samuel Willie Ralph Lawrence Roy Benjamin Bruce Brandon Adam Harry Fred Wayne Billy
Steve Jeremy Aaron Randy Howard Eugene Bobby Victor Priya Rahul Anil Sunita Deepak Ravi Anjali Vikram Kavita Arjun Wei Li
Ming Chen Yuki Hiroshi Kenji Sakura Haruto Aiko Ahmed Fatima Mohammed Aisha Omar Layla Yusuf Zainab Hassan Mariam Ali
Khalid Noor Samir Leila Mehmet Ayse Emre Elif Can Zeynep Burak Deniz Ivan Olga Dmitri Natasha Sergei Svetlana Igor Tatiana
Andrei Oksana Taras Bohdan Kwame Ama Chidi Ngozi Oluwaseun Amara Thabo Zanele Kofi Abena Tom Tim Ben Sam Max Alex Chris
Nick Kate Lucy Sophie Charlotte Grace Ella Isla Ava Poppy Ruby Lily Jasmine Holly Molly Zoe Hannah Megan Alice Rosie Simon
Neil Ian Graham Stuart Craig Gavin Ross Fiona Morag Eilidh Siobhan Niamh Aoife Sean Ciaran Declan Brendan Maeve Rhys Owen
Dylan Gareth Bethan Carys Felix Oskar Jonas Finn Moritz Lea Marlene Greta Frieda Wolfgang Juergen Heike Uwe Bernd Jutta
Matteo Alessandro Chiara Valentina Paolo Giorgio Silvia Roberto Stefano Beatriz Rafael Tiago Joana Ines Duarte Mateus
Gabriela Fernanda Rodrigo Camila Valeria Diego Alejandro Ximena Santiago Mateo Isabella José André Zoë Jürgen Björn Chloé
Renée François Søren Łukasz Anne-Marie Jean-Luc Mary-Jane""".split()

LAST_NAMES = """Lopez Schmidt Mueller Smith Jones Brown Taylor Wilson Evans Garcia Rossi Bianchi Novak Kowalski Nowak Jensen
Hansen Nilsson Larsson Virtanen Dubois Moreau Bernard Martinez Fernandez Silva Santos Costa Patel Singh Kumar Chen Wang
Tanaka Sato Kim Park Nguyen Khan Ahmed Yilmaz Demir Petrov Ivanova Shevchenko Okafor Mensah Murphy Kelly Walsh Fischer
Weber Wagner Becker Hoffmann Keller Baker Cooper Turner Parker Collins Morris Reed Bailey Bell Ward Foster Gray Brooks""".split()

SYLLABLES_START = "Ka Lo Mi Ra Ve Zo Ti Na El Jo Be Da Fa Gi Ha Is Ju Ki La Ma No Or Pe Qui Ro Sa Ta Ul Va Wi Xa Ya Bri Cla Dre Fre Gra Ste Tro".split()
SYLLABLES_MIDDLE = "la ri no ve da mi lo na re si to ma li ne ra vi do be ka le".split()
SYLLABLES_END = "na ra el on a ia is ka la n s ne ta th ry en an o ella ina us ette rd ck".split()

NOUNS = """lamp jacket blender chair table kettle toaster backpack phone laptop keyboard mouse headset speaker camera watch
bracelet necklace ring dress shirt coat sweater hat scarf belt bag wallet suitcase umbrella pillow blanket mattress mug
plate bowl pan pot knife cutting board vase mirror clock carpet curtain sofa bookshelf desk monitor printer charger cable
power bank tent sleeping bag bike helmet skateboard football tennis racket yoga mat dumbbell drone puzzle board game
doll teddy bear hairdryer razor toothbrush perfume coffee machine vacuum cleaner fan heater drill screwdriver hammer
garden hose lawn mower plant pot bird feeder guitar microphone tablet router memory card air fryer rice cooker juicer
raincoat hoodie skirt bikini swimsuit t-shirt coffee grinder water bottle lunch box baby monitor stroller car seat""".split()
# Words of two-word products, joined again below.
TWO_WORD = {"cutting": "board", "power": "bank", "sleeping": "bag", "tennis": "racket", "yoga": "mat", "board": "game",
            "teddy": "bear", "coffee": ("machine", "grinder"), "vacuum": "cleaner", "garden": "hose", "lawn": "mower",
            "plant": "pot", "bird": "feeder", "memory": "card", "air": "fryer", "rice": "cooker", "water": "bottle",
            "lunch": "box", "baby": "monitor", "car": "seat", "bike": "helmet"}
ADJECTIVES = """blue red green black white grey pink yellow brown purple orange silver golden small large big new wooden
leather cotton electric wireless portable vintage modern foldable round mini""".split()

COUNTRIES = """Germany France Spain Italy Poland Norway Switzerland Austria Belgium Portugal Sweden Denmark Finland Ireland
Greece Canada Australia Japan China India Brazil Mexico Turkey Egypt Kenya Iceland Hungary Romania Croatia Peru Chile
Argentina Nigeria Morocco Israel Thailand Vietnam Russia Ukraine Scotland""".split() + ["the UK", "the USA", "South Africa", "New Zealand", "the Netherlands", "England"]
CITIES = """Berlin Paris London Madrid Rome Vienna Warsaw Prague Lisbon Dublin Oslo Stockholm Amsterdam Brussels Zurich Munich
Hamburg Cologne Milan Barcelona Porto Lyon Budapest Athens Helsinki Copenhagen Manchester Leeds Chicago Boston""".split()
MONTHS = "January February March April May June July August September October November December".split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday".split()
SHOPS = """Brightwell Northgate Fennimore Willowby Harbourside Copperleaf Lindenhof Starling Meadowlark Oakridge Bluefin
Juniper Cobalt Marigold Pinecrest Silverbrook Thistle Wavecrest Elmwood Kestrel Lumina Orchard Quillon Ravenna Solvay
Tamarind Umber Vantage Westmark Yarrow Zephyr Acorn Birchline Cedarway Dunmore""".split()
SHOP_KINDS = ["", " Shop", " Store", " Home", " Market", " Outdoor", " Online", " & Co", " Goods", " Trading"]
GIBBERISH = "asdf qwerty jkl xyz lkjh asdasd hjkl qwe zxc blub bla blah fgh dfg sdfg poi uiop mnb".split()


def held_out(text: str) -> bool:
    return zlib.crc32(text.lower().encode()) % 8 == 0


class Values:
    """The values of one dialogue, drawn when first asked for; `fresh` forgets one so that the next is another."""

    def __init__(self, rng: random.Random, for_held_out: bool):
        self.rng = rng
        self.for_held_out = for_held_out
        self.drawn: dict[str, str] = {}

    def __call__(self, name: str) -> str:
        if name not in self.drawn:
            self.drawn[name] = getattr(self, "draw_" + name)()
        return self.drawn[name]

    def fresh(self, name: str) -> None:
        self.drawn.pop(name, None)

    def split(self, draw) -> str:
        while True:
            text = draw()
            if held_out(text) == self.for_held_out:
                return text

    def digits(self, count: int) -> str:
        return str(self.rng.randint(1, 9)) + "".join(self.rng.choice(string.digits) for _ in range(count - 1))

    def draw_order(self):
        def draw():
            number = self.digits(self.rng.choices([4, 5, 6, 7, 8, 10], [8, 35, 25, 12, 12, 8])[0])
            kind = self.rng.random()
            if kind < 0.06:
                letters = "".join(self.rng.choice(string.ascii_uppercase) for _ in range(self.rng.choice([1, 2, 2, 3])))
                return letters + self.rng.choice(["", "-"]) + number
            if kind < 0.09:
                return self.digits(4) + "-" + number
            return number
        return self.split(draw)

    def draw_invoice(self):
        def draw():
            number = self.digits(self.rng.choice([4, 5, 6, 7, 8]))
            kind = self.rng.random()
            if kind < 0.2:
                return self.rng.choice(["INV-", "RE-", "R", "INV", "RG-"]) + number
            if kind < 0.35:
                return str(self.rng.randint(2019, 2027)) + "-" + number
            return number
        return self.split(draw)

    def draw_name(self):
        def draw():
            kind = self.rng.random()
            if kind < 0.6:
                name = self.rng.choice(FIRST_NAMES)
                # Names that nobody has teach to copy letter by letter; they are not asked in the held-out messages.
                return name if self.for_held_out or kind < 0.3 else self.misspelt(name)
            middle = "".join(self.rng.choice(SYLLABLES_MIDDLE) for _ in range(self.rng.choice([0, 1, 1, 2])))
            return self.rng.choice(SYLLABLES_START) + middle + self.rng.choice(SYLLABLES_END)
        return self.split(draw)

    def misspelt(self, name: str) -> str:
        """The name with one or two letters changed, added or left out."""
        letters = list(name.lower())
        for _ in range(self.rng.choice([1, 1, 2])):
            place = self.rng.randrange(len(letters))
            kind = self.rng.random()
            if kind < 0.5:
                letters[place] = self.rng.choice(string.ascii_lowercase)
            elif kind < 0.8 or len(letters) < 4:
                letters.insert(place, self.rng.choice(string.ascii_lowercase))
            else:
                del letters[place]
        return "".join(letters).title()

    def draw_digits(self):
        number = self.digits(self.rng.randint(4, 9))
        return self.rng.choice(["", "", "0", "+49 "]) + number

    def draw_name2(self):
        return self.rng.choice(FIRST_NAMES) + " " + self.draw_surname()

    def draw_surname(self):
        return self.rng.choice(LAST_NAMES)

    def draw_product(self):
        def draw():
            noun = self.rng.choice(NOUNS)
            second = TWO_WORD.get(noun)
            if second:
                noun += " " + (second if isinstance(second, str) else self.rng.choice(second))
            return self.rng.choice(ADJECTIVES) + " " + noun if self.rng.random() < 0.5 else noun
        return self.split(draw)

    def draw_code(self):
        def draw():
            word = self.rng.choice(["SAVE", "SUMMER", "WELCOME", "SPRING", "HELLO", "XMAS", "SALE", "VIP", "NEW", "SHOP", "FRIEND", "BLACK", "EXTRA", "DEAL"])
            if self.rng.random() < 0.3:
                word = "".join(self.rng.choice(string.ascii_uppercase) for _ in range(self.rng.randint(3, 6)))
            return word + str(self.rng.choice([5, 10, 15, 20, 25, 30, 50, self.rng.randint(1, 99)]))
        return self.split(draw)

    def draw_date(self):
        day = self.rng.choice(DAYS)
        month, number = self.rng.choice(MONTHS), self.rng.randint(1, 28)
        return self.rng.choice([day, day, f"{number} {month}", f"{month} {number}", f"{day}, {number} {month}",
                                f"{number}.{self.rng.randint(1, 12)}."])

    def draw_pdate(self):
        return self.rng.choice([self.draw_date(), self.draw_date(), self.draw_date() + " 2026"])

    def draw_amount(self):
        number = f"{self.rng.randint(3, 480)}" + self.rng.choice(["", f".{self.rng.randint(0, 99):02d}", ".99"])
        return self.rng.choice([number + " euros", number + " EUR", "€" + number, number + "€", number + " euro", "$" + number, "£" + number])

    draw_amount2 = draw_amount

    def draw_n(self):
        return str(self.rng.choice([2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 15, 17, 20, 30]))

    def draw_n2(self):
        return str(self.rng.choice([2, 4, 5, 7, 8, 12, 20, 48, 81, 100, 144, 160, 175, 183, 250, 365, 1000]))

    def draw_country(self):
        return self.rng.choice(COUNTRIES)

    def draw_city(self):
        return self.rng.choice(CITIES)

    def draw_month(self):
        return self.rng.choice(MONTHS)

    def draw_shop(self):
        return self.rng.choice(SHOPS) + self.rng.choice(SHOP_KINDS)

    def draw_gibberish(self):
        if self.rng.random() < 0.5:
            return "".join(self.rng.choice(string.ascii_lowercase) for _ in range(self.rng.randint(3, 9)))
        return " ".join(self.rng.choice(GIBBERISH) for _ in range(self.rng.randint(1, 3)))
