"""How people really type: casing, dropped punctuation, abbreviations, typing errors. Names and numbers stay as they are,
except that a name is written in small letters where everything is."""
import random
import re
import string

from grammar import VALUE_CLOSE, VALUE_OPEN

ABBREVIATIONS = [("you", "u"), ("your", "ur"), ("please", "pls"), ("please", "plz"), ("thanks", "thx"), ("are", "r"),
                 ("don't", "dont"), ("doesn't", "doesnt"), ("I'm", "im"), ("can't", "cant"), ("what's", "whats"),
                 ("where's", "wheres"), ("didn't", "didnt"), ("haven't", "havent"), ("hasn't", "hasnt"),
                 ("isn't", "isnt"), ("I'd", "id"), ("it's", "its"), ("and", "&"), ("package", "pkg"), ("won't", "wont"),
                 ("want to", "wanna"), ("cannot", "cant"), ("I have", "ive"), ("going to", "gonna"), ("with", "w/"),
                 ("address", "adress"), ("receive", "recieve"), ("received", "recieved"), ("because", "cuz")]
SYNONYMS = {"parcel": ["package", "shipment", "delivery", "packet", "box"], "package": ["parcel", "shipment", "delivery", "box"],
            "item": ["product", "article", "thing", "piece", "purchase"], "refund": ["reimbursement", "repayment", "payback"],
            "photo": ["picture"], "help": ["assist", "support", "a hand"], "want": ["need", "wish", "would love", "intend", "plan", "am trying", "gotta"],
            "get": ["receive", "have", "obtain", "find"], "received": ["got", "been given"], "arrived": ["come", "turned up", "shown up", "landed"],
            "broken": ["damaged", "busted", "cracked", "wrecked", "kaput"], "website": ["site", "web page", "online shop", "homepage", "app"],
            "email": ["mail", "e-mail"], "emails": ["mails"], "change": ["modify", "alter", "update", "adjust", "edit", "switch", "correct"],
            "buy": ["purchase", "get"], "quickly": ["fast", "soon"], "still": [""], "really": ["so", "truly", "totally"],
            "courier": ["driver", "postman", "delivery guy", "mailman", "delivery man"], "driver": ["courier", "postman", "delivery guy", "guy", "mailman"],
            "invoice": ["bill"], "receipt": ["bill", "proof of purchase"], "costs": ["fees", "charges"], "cost": ["charge", "price"],
            "terrible": ["horrible", "really bad", "dreadful", "lousy", "shocking"], "account": ["profile", "customer account", "user account"],
            "wrong": ["incorrect", "false", "mistaken", "bad"], "problem": ["issue", "trouble", "difficulty"], "money": ["cash", "payment", "funds"],
            "cancel": ["call off", "revoke", "annul", "withdraw", "abort", "terminate"], "return": ["send back", "give back", "bring back"],
            "subscription": ["membership", "sub", "plan", "abo", "contract"], "delete": ["remove", "erase", "close", "wipe"],
            "delivery": ["shipping", "delivery", "shipment"], "shipping": ["delivery", "postage"], "deliver": ["ship", "bring", "send", "hand over"],
            "late": ["delayed", "overdue", "behind schedule"], "reset": ["renew", "restore", "recover", "change"], "password": ["pw", "password", "login password", "passcode"],
            "discount": ["reduction", "rebate", "money off"], "code": ["voucher", "code", "coupon"], "voucher": ["coupon", "code"],
            "charged": ["billed", "debited"], "twice": ["two times", "double", "2x", "2 times"], "missing": ["not there", "absent", "gone", "lacking"],
            "exchange": ["swap", "trade", "change"], "size": ["size", "fit"], "shop": ["store", "company", "business"], "store": ["shop"],
            "newsletter": ["mailing", "mailing list", "news mails", "advertising"], "human": ["person", "real person", "colleague", "staff member"],
            "work": ["function", "go"], "works": ["functions"], "working": ["functioning", "running", "usable"], "find": ["see", "locate", "get"],
            "order": ["order", "order", "purchase"], "tell": ["let me know", "inform", "explain to"], "how long": ["how many days"], "card": ["credit card", "bank card", "debit card"],
            "pause": ["suspend", "freeze", "interrupt", "halt"], "address": ["address", "street", "location"], "house": ["home", "flat", "apartment", "place"],
            "free": ["for free", "gratis", "at no cost", "without charge"], "angry": ["mad", "furious", "upset"], "bad": ["poor", "awful", "lousy"],
            "great": ["super", "fantastic", "brilliant", "excellent", "lovely"], "warranty": ["guarantee"], "job": ["position", "work"], "gift": ["present"],
            "log": ["sign", "get"], "login": ["sign in", "log-in"], "track": ["follow", "trace", "locate"], "tracking": ["shipment tracking", "parcel tracking"],
            "pick": ["choose", "select"], "collect": ["pick up", "fetch", "get"], "give": ["hand", "provide", "tell"], "send": ["mail", "ship", "post"],
            "yesterday": ["the day before yesterday", "this morning", "on Sunday"], "neighbour": ["neighbor", "friend next door"], "colour": ["color", "shade"]}
SMALL_WORDS = {"the", "a", "my", "is", "to", "i", "of", "for", "it", "do", "me", "please", "your", "be"}
MORE_SMALL_WORDS = {"an", "in", "on", "at", "and", "that", "this", "with", "are", "am", "was", "were", "will", "would", "can",
                    "could", "you", "i'm", "i'd", "we", "me", "has", "been", "so", "just", "like", "from", "by"}
NEIGHBOURS = {"a": "sq", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "f": "dg", "g": "fh", "h": "gj", "i": "uo", "j": "hk",
              "k": "jl", "l": "k", "m": "n", "n": "bm", "o": "ip", "p": "o", "q": "w", "r": "et", "s": "ad", "t": "ry",
              "u": "yi", "v": "cb", "w": "qe", "x": "zc", "y": "tu", "z": "x"}
VALUE = re.compile(f"({VALUE_OPEN}[^{VALUE_CLOSE}]*{VALUE_CLOSE})")


def typing_error(word: str, rng: random.Random) -> str:
    place = rng.randrange(1, len(word) - 1)
    kind = rng.random()
    if kind < 0.3:
        return word[:place] + word[place + 1] + word[place] + word[place + 2:]
    if kind < 0.6:
        return word[:place] + word[place + 1:]
    if kind < 0.8:
        return word[:place] + word[place] + word[place:]
    return word[:place] + rng.choice(NEIGHBOURS.get(word[place].lower(), string.ascii_lowercase)) + word[place + 1:]


def outside_values(text: str, change) -> str:
    return "".join(part if part.startswith(VALUE_OPEN) else change(part) for part in VALUE.split(text))


def unmark(text: str) -> str:
    return text.replace(VALUE_OPEN, "").replace(VALUE_CLOSE, "")


def keywords_only(text: str, rng: random.Random) -> str:
    """Drops all small words and a few of the others, as in a search box."""
    words = []
    for word in text.split(" "):
        plain = word.strip(".,!?:").lower()
        if VALUE_OPEN in word or VALUE_CLOSE in word or (plain not in SMALL_WORDS | MORE_SMALL_WORDS and rng.random() < 0.93):
            words.append(word)
    return " ".join(words) or text


def type_like_people(text: str, rng: random.Random, name: str | None = None) -> str:
    """`text` has its values marked; the result has no marks."""
    if rng.random() < 0.3:
        def synonyms(part):
            return re.sub(r"[A-Za-z]+", lambda m: rng.choice(SYNONYMS[m[0]]) if m[0] in SYNONYMS and rng.random() < 0.35 else m[0], part)
        text = outside_values(text, synonyms)
    if rng.random() < 0.02:
        text = keywords_only(text, rng)
    elif rng.random() < 0.08:
        def drop_small_words(part):
            return re.sub(r"\b[A-Za-z]+ ", lambda m: "" if m[0][:-1].lower() in SMALL_WORDS and rng.random() < 0.5 else m[0], part)
        text = outside_values(text, drop_small_words)
    if rng.random() < 0.25:
        for word, short in rng.sample(ABBREVIATIONS, 14):
            text = outside_values(text, lambda part: re.sub(rf"\b{re.escape(word)}\b", short, part))
    if rng.random() < 0.28:
        chance = rng.choice([0.05, 0.1, 0.2])

        def errors(part):
            return re.sub(r"[A-Za-z]{4,}", lambda m: typing_error(m[0], rng) if rng.random() < chance else m[0], part)
        text = outside_values(text, errors)
    casing = rng.random()
    if casing < 0.33:
        text = outside_values(text, str.lower)
        if name and rng.random() < 0.4:
            text = text.replace(VALUE_OPEN + name, VALUE_OPEN + name.lower())
    elif casing < 0.36:
        text = outside_values(text, str.upper)
    punctuation = rng.random()
    if punctuation < 0.3:
        text = re.sub(r"[.?!]+$", "", text)
        if rng.random() < 0.5:
            text = outside_values(text, lambda part: re.sub(r"[.,!?;]+(?= |$)", "", part))
    elif punctuation < 0.36:
        text = re.sub(r"([?!])$", lambda m: m[1] * rng.randint(2, 4), text)
    if rng.random() < 0.04:
        text += rng.choice([" :)", " :(", " 😡", " 🙂", " ...", " 🙏", "!!!", " 😢"])
    return re.sub(r" {2,}", " ", unmark(text)).strip()
