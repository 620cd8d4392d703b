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
SYNONYMS = {"parcel": ["package", "shipment", "delivery", "packet"], "package": ["parcel", "shipment", "delivery"],
            "item": ["product", "article", "thing", "piece"], "refund": ["reimbursement", "refund"],
            "photo": ["picture"], "help": ["assist", "support"], "want": ["need", "wish", "would love"],
            "get": ["receive", "have"], "received": ["got", "been given"], "arrived": ["come", "turned up", "shown up"],
            "broken": ["damaged", "busted", "cracked"], "website": ["site", "web page", "online shop"],
            "email": ["mail", "e-mail"], "change": ["modify", "alter", "update"], "buy": ["purchase", "get"],
            "quickly": ["fast", "soon"], "still": [""], "really": ["so", "truly"], "courier": ["driver", "postman", "delivery guy"],
            "mobile": ["cell phone"], "invoice": ["bill"], "costs": ["fees"], "terrible": ["horrible", "really bad", "dreadful"],
            "account": ["profile", "account"], "wrong": ["incorrect", "false"], "problem": ["issue", "trouble"]}
SMALL_WORDS = {"the", "a", "my", "is", "to", "i", "of", "for", "it", "do", "me", "please", "your", "be"}
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


def type_like_people(text: str, rng: random.Random, name: str | None = None) -> str:
    """`text` has its values marked; the result has no marks."""
    if rng.random() < 0.35:
        def synonyms(part):
            return re.sub(r"[A-Za-z]+", lambda m: rng.choice(SYNONYMS[m[0]]) if m[0] in SYNONYMS and rng.random() < 0.4 else m[0], part)
        text = outside_values(text, synonyms)
    if rng.random() < 0.12:
        def drop_small_words(part):
            return re.sub(r"\b[A-Za-z]+ ", lambda m: "" if m[0][:-1].lower() in SMALL_WORDS and rng.random() < 0.5 else m[0], part)
        text = outside_values(text, drop_small_words)
    if rng.random() < 0.25:
        for word, short in rng.sample(ABBREVIATIONS, 14):
            text = outside_values(text, lambda part: re.sub(rf"\b{re.escape(word)}\b", short, part))
    if rng.random() < 0.28:
        chance = rng.choice([0.06, 0.12, 0.25])

        def errors(part):
            return re.sub(r"[A-Za-z]{4,}", lambda m: typing_error(m[0], rng) if rng.random() < chance else m[0], part)
        text = outside_values(text, errors)
    casing = rng.random()
    if casing < 0.33:
        text = outside_values(text, str.lower)
        if name and rng.random() < 0.8:
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
