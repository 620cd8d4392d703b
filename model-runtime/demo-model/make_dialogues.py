"""Makes the dialogues: `python make_dialogues.py train COUNT OUT.jsonl.gz [SEED]` or `python make_dialogues.py heldout|development OUT.jsonl`.

A dialogue is {"messages": [{"role", "content"}, ...], "intents": [the intent of each reply, ...], "repeated": [the values
that each reply takes from the customer, ...]}. A held-out message has the intent of the reply it asks for and the values
that the reply has to repeat."""
import gzip
import json
import pathlib
import random
import re
import sys

import grammar
from grammar import VALUE_CLOSE, VALUE_OPEN, expand
from noise import type_like_people, unmark
from values import Values

SEED = 20261122
INTENTS = grammar.load()
ASKED_FOR = ("order", "invoice", "code")
# Values a reply has to repeat; the others may be left out.
REPEATED = ("order", "invoice", "code", "name", "date")

SYSTEM = [grammar.parse(line) for line in """
You are a (helpful|friendly|polite|) customer support assistant (of|for|at) <shop>.
You are the (support|customer service|help desk) (assistant|agent|bot) of <shop>. (Be brief and friendly.|Answer politely.|Keep answers short.|)
You are a (helpful|polite|friendly) assistant.
You are a helpful customer-support assistant.
You (answer|help) customers of <shop> (in English|politely|with orders, deliveries and returns|).
(Answer|Reply to) (customers'|the customer's|customer) (questions|messages) (in English|politely|briefly and politely|about orders, deliveries, refunds and accounts).
(Customer support|Support chat) (for|of) <shop>. (Be polite. Do not invent facts.|Never invent an order number.|)
You work in the (customer service|support team) of <shop>, an online shop. (Be kind to the customer.|Use the customer's name if you know it.|)
Du bist der Kundenservice von <shop>.
""".strip().splitlines()]
GREETINGS = [grammar.parse(line) for line in """
(hi|Hi|hello|Hello|hey|Hey|Hi there|Hello there|Good morning|Good afternoon|Good evening|Greetings|Hey guys|Hi team|Good day|Hiya)
(Dear (support|team|support team|customer service|Sir or Madam|all)|Hello (support|team|everyone|dear team))
""".strip().splitlines()]
FILLERS = [grammar.parse(line) for line in """
(quick question|I have a question|just a quick question|one question|a question|can you help me|could you help me please|please help|I need help|I need your help|maybe you can help me|I hope you can help|sorry to bother you|I have a problem|there is a problem|so|well|help)
(I am a long-time customer|I'm a new customer|I ordered from you (last week|recently|for the first time)|I'm writing because I have a problem|I tried your website but couldn't find it|I was wondering)
""".strip().splitlines()]
# What people tell besides, which changes nothing about what they want.
CONTEXT = [grammar.parse(line) for line in """
(I bought it|it was|it's|this is|it is|I got it) (for|a present for) my (daughter|son|wife|husband|mother|dad|friend|sister|boss|grandma|neighbour|kids|girlfriend|cousin)
(I live|we live|I am|we are) (in|near) <city>
(it|this|the whole thing) (cost|was) <amount>
(I|we) (have been|am|are) (a customer|customers) (for years|since 2019|for <n> years)
(I|we) (talked|wrote|spoke) to (your colleague|someone|your hotline|one of you) (yesterday|last week|on <pdate>|already) (and got no answer|but it did not help|)
(I|we) (looked|searched|checked) (everywhere|on your website|the help page|my account|my spam folder) (already|but found nothing|first|)
my (wife|husband|mother|dad|friend|brother|colleague) (told me to|said I should) (write|ask) (you|here)
(I|we) (really|urgently|only|just) (need|want) (an answer|a solution|to know this|help) (today|soon|now|quickly|)
(it's|this is) (the first time|not the first time|the second time) (this happens|I order here|I ask|)
(I|we) (hope|think|guess) (this|it|that) is (possible|ok|not a problem|easy|the right place to ask)
(I'm|I am) (not very good with computers|at work right now|a bit confused|new to this|on my phone|75 years old|a student)
(the weather is nice today|it is raining here|I had a long day|I'm on the train|my cat is on the keyboard|Merry Christmas|happy new year)
(I|we) (ordered|bought|got) (a|the) <product> (on <pdate>|last month|in spring|two weeks ago|some time ago|yesterday)
(my phone number is|you can call me at|my customer number is|my postcode is) <digits>
""".strip().splitlines()]
CLOSINGS = [grammar.parse(line) for line in """
(thanks|thank you|thanks in advance|thank you in advance|many thanks|please|please help|please answer quickly|I hope to hear from you soon|looking forward to your answer|cheers|best regards|kind regards|have a nice day|waiting for your reply|pls answer|asap please|can you help|what should I do|what can I do)
""".strip().splitlines()]
ANGER = [grammar.parse(line) for line in """
(this is (unacceptable|ridiculous|annoying|really frustrating|not ok|a joke|outrageous)|I am (really|very|so) (angry|annoyed|upset|disappointed)|what a mess|not happy|I've had enough|seriously|unbelievable|I'm losing my patience|come on|I am fed up|wtf|not good)
""".strip().splitlines()]
ORDER_CLAUSES = [grammar.parse(line) for line in """
(my order number is|order number|order number:|order|order no.|order:|the order number is|it is order|it's order|it's about order|Order #|order nr|order id|the number is|number|ref|reference|my order is|this is about order) <order>
(#<order>|(order|no.|order number|ref) #<order>|<order>|order no <order>)
""".strip().splitlines()]
INVOICE_CLAUSES = [grammar.parse("(invoice|invoice number|invoice no.|the invoice number is|it's invoice|invoice:|invoice #|bill number|number) <invoice>")]
NAME_CLAUSES = [grammar.parse("(I'm|I am|my name is|this is|name is|my name's|it's|you are speaking with|here is) (<name>|<name>|<name> <surname>)"),
                grammar.parse("(<name>|<name> <surname>) (here|speaking)")]
NAME_SIGNATURES = [grammar.parse("(Thanks,|Thank you,|Best regards,|Regards,|Kind regards,|Best,|Cheers,|Yours,|Greetings,|-|Sincerely,|thx,|Best wishes,|) (<name>|<name>|<name> <surname>)")]
MY_ORDER_WITH = [grammar.parse("(my order <order>|order <order>|order number <order>|my order #<order>|order no. <order>|order #<order>|my order (|no. |nr )<order>|my order number <order>|my order with the number <order>|the order <order>|order id <order>|<order>)")]
MY_ORDER_WITHOUT = [grammar.parse(line) for line in ["my order", "my order", "my order", "(the|my last|my latest|my recent|this|that|an) (order|purchase)", "the order (I placed|I made|) (on <pdate>|last week|yesterday|from <pdate>)", "my (purchase|stuff|things)"]]
MY_INVOICE_WITH = [grammar.parse("(my invoice <invoice>|invoice <invoice>|the invoice <invoice>|invoice number <invoice>|invoice no. <invoice>|invoice #<invoice>|bill <invoice>)")]
MY_INVOICE_WITHOUT = [grammar.parse("(my|the|my last|your|an) (invoice|bill|invoice)")]

FOLLOW_UPS = {name: lines["u"] for name, lines in grammar.follow_ups().items()}
GIVE_NUMBER = [grammar.parse(line) for line in """
(it's|it is|the number is|my order number is|order number|sure,|here it is:|ok,|of course,|yes,|the order number is|order|that's|I think it's|it should be|here you go:) <order>
(<order>|#<order>|order #<order>|<order> (thanks|please|I think|is the number|is my order number))
""".strip().splitlines()]
GIVE_INVOICE = [grammar.parse("(it's|it is|the number is|invoice number|sure,|here it is:|invoice|yes,|the invoice number is|) <invoice>")]
NEXT_TOPIC = [grammar.parse("(and|also|one more thing:|another question:|one more question:|ok, and|thanks, and|great. Now|something else:|btw,|by the way,|oh and|next:|okay thanks. Also|)")]
OPENERS = ["", "", "", "Hello! ", "Hi! "]
NAME_OPENERS = ["Hi <name>! ", "Hello <name>! "]
CLOSERS = [""] * 5 + [" Is there anything else I can help you with?", " Please let me know if you need anything else."]
WITHOUT_OPENER = {"thanks", "goodbye", "how_are_you", "acknowledge", "name_only"}
ALSO_NOTED = " I have also noted your order number <order>."


def kinds_of_follow_up(intent):
    return [kind for kind in ("time", "cost", "fail") if intent.lines[kind]]


class Dialogue:
    def __init__(self, rng: random.Random, for_held_out: bool):
        self.rng = rng
        self.values = Values(rng, for_held_out)
        self.known: set[str] = set()
        self.messages: list[dict] = []
        self.labels: list[str] = []
        self.repeated: list[list[str]] = []
        self.intent = None
        self.pending = None
        self.label = None
        self.must_contain: list[str] = []
        self.named_now = False

    # What the customer writes.

    def value(self, name: str) -> str:
        rng = self.rng
        if name == "my_order":
            if self.number_allowed and rng.random() < 0.45:
                return expand(rng.choice(MY_ORDER_WITH), rng, self.value, self.known)
            return expand(rng.choice(MY_ORDER_WITHOUT), rng, self.value, self.known)
        if name == "my_order_plain":
            return expand(rng.choice(MY_ORDER_WITHOUT), rng, self.value, self.known)
        if name == "my_invoice":
            lines = MY_INVOICE_WITH if rng.random() < 0.55 else MY_INVOICE_WITHOUT
            return expand(rng.choice(lines), rng, self.value, self.known)
        text = self.values(name)
        self.known.add(name)
        if name in ("n", "n2", "amount", "amount2", "pdate", "city", "country", "digits"):
            self.values.fresh(name)
        if name == "name":
            self.named_now = True
        return VALUE_OPEN + text + VALUE_CLOSE

    def say(self, lines) -> str:
        return expand(self.rng.choice(lines), self.rng, self.value, self.known)

    def write(self, core: str, terse: bool, follow_up: bool = False) -> None:
        """Puts greeting, name, number and tone around the core, and types it."""
        rng = self.rng
        mark = "" if core[-1:] in "?!." else "."
        before, after = [], []
        intent = self.intent
        wants = intent.needs if intent and intent.needs != "code" else None
        if self.offer_number and wants and wants not in self.known and rng.random() < 0.5:
            clause = self.say(ORDER_CLAUSES if wants == "order" else INVOICE_CLAUSES)
            (before if rng.random() < 0.25 else after).append(clause + ".")
        elif self.offer_number and not wants and "order" not in self.known and rng.random() < 0.05:
            after.append(self.say(ORDER_CLAUSES) + ".")
        if rng.random() < (0.05 if follow_up else 0.10):
            after.append(self.say(ANGER) + rng.choice(["!", ".", "!!"]))
        if not follow_up and not terse and rng.random() < 0.16:
            before.insert(0, self.say(FILLERS) + rng.choice([".", ":", ",", "?"]))
        if not follow_up and rng.random() < 0.16:
            given = "product" in self.known
            (before if rng.random() < 0.4 else after).append(self.say(CONTEXT) + ".")
            if not given:
                # A product told in passing is not what the message is about.
                self.known.discard("product")
                self.values.fresh("product")
        named = rng.random()
        name_chance = 0.06 if follow_up or terse else 0.34
        signature = ""
        if "name" not in self.known or self.named_now:
            if named < name_chance * 0.45:
                before.insert(0, self.say(NAME_CLAUSES) + rng.choice([".", ",", ".", " and"]))
            elif named < name_chance * 0.7:
                after.append(self.say(NAME_CLAUSES) + ".")
            elif named < name_chance:
                signature = rng.choice(["\n", " ", "\n\n"]) + self.say(NAME_SIGNATURES)
        if rng.random() < (0.08 if follow_up or terse else 0.22):
            after.append(self.say(CLOSINGS) + rng.choice([".", "!", ""]))
        if rng.random() < (0.05 if follow_up else 0.42 if not terse else 0.15) and core.split()[0].lower() not in ("hi", "hello", "hey"):
            before.insert(0, self.say(GREETINGS) + rng.choice([",", "!", ".", ",", ""]))
        if len(after) > 1 and rng.random() < 0.3:
            rng.shuffle(after)
        separator = rng.choice([". ", ", ", " - ", ". "]) if mark and after and rng.random() < 0.25 else None
        text = " ".join(before)
        if text and text[-1] not in ".,:;!?":
            text += " "
        sentence = core + (mark if not (separator and after) else separator.rstrip())
        if text and text.rstrip()[-1] in ".!?":
            sentence = sentence[:1].upper() + sentence[1:]
        text = (text + " " + sentence + " " + " ".join(after)).strip() + signature
        if rng.random() < 0.6:
            text = re.sub(r"(^|[.!?] )([a-z])", lambda m: m[1] + m[2].upper(), text)
        name = self.values.drawn.get("name")
        self.add("user", type_like_people(text, rng, name))

    def add(self, role: str, content: str) -> None:
        self.messages.append({"role": role, "content": content})

    # What the assistant answers.

    def answer(self, kind: str = "a", topic=None) -> None:
        rng = self.rng
        intent = topic or self.intent
        self.pending = None
        lines = intent.lines[kind]
        if kind == "a" and intent.needs and intent.needs not in self.known and intent.lines["n"]:
            lines = intent.lines["n"]
            self.pending = intent.needs
        template = rng.choice(lines)
        used: list[str] = []

        def value(name: str) -> str:
            used.append(name)
            return self.values(name)
        text = expand(template, rng, value, self.known)
        if self.named_now and intent.name != "name_only":
            text = expand(grammar.parse(rng.choice(NAME_OPENERS)), rng, value, self.known) + " " + text
        elif not self.named_now and kind == "a" and intent.name not in WITHOUT_OPENER:
            text = rng.choice(OPENERS if len(self.messages) < 3 else [""]) + text
        if "order" in self.new_now and "order" not in used and "order" not in (intent.needs or ""):
            text += expand(grammar.parse(ALSO_NOTED), rng, value, self.known)
            text = text.replace(".I have", ". I have")
        elif kind == "a" and not self.pending and intent.name not in WITHOUT_OPENER | {"greeting", "goodbye"} and not text.endswith("?"):
            text += rng.choice(CLOSERS)
        text = re.sub(r" ([,.;])", r"\1", text)
        self.label = intent.name + ("" if kind in ("a", "n") else "." + kind)
        self.labels.append(self.label)
        self.repeated.append([self.values(name) for name in dict.fromkeys(used)])
        self.must_contain = [self.values(name) for name in dict.fromkeys(used) if name in REPEATED]
        self.add("assistant", text)

    # Turns.

    def turn(self, do) -> None:
        before = set(self.known)
        self.named_now = False
        self.number_allowed = True
        self.offer_number = True
        self.new_now = set()
        text_kind = do()
        self.new_now = self.known - before
        if self.fresh_order:
            self.new_now.add("order")
        self.answer(*text_kind)

    fresh_order = False

    def new_intent(self, intent, first: bool):
        def do():
            self.fresh_order = False
            self.intent = intent
            for name in ("product", "date", "code", "invoice"):
                self.known.discard(name)
                self.values.fresh(name)
            if "order" in self.known:
                if self.rng.random() < 0.15:
                    self.known.discard("order")
                    self.values.fresh("order")
                    self.fresh_order = False
                    self.offer_number = True
                    # A second order number has to be written out, or the first would be meant.
                    self.force_number = intent.needs == "order"
                else:
                    self.number_allowed = False
                    self.offer_number = False
            terse = bool(intent.lines["k"]) and self.rng.random() < 0.18
            core = self.say(intent.lines["k" if terse else "u"])
            if getattr(self, "force_number", False):
                self.force_number = False
                if "order" not in self.known:
                    core += " " + self.say(ORDER_CLAUSES)
            if not first:
                topic = self.say(NEXT_TOPIC)
                core = (topic + " " + core).strip()
            self.write(core, terse, follow_up=not first)
            return ("a",)
        self.turn(do)

    def give_number(self):
        def do():
            self.fresh_order = False
            lines = GIVE_INVOICE if self.pending == "invoice" else GIVE_NUMBER
            core = self.say(lines)
            self.offer_number = False
            self.write(core, True, follow_up=True)
            return ("a",)
        self.turn(do)

    def follow_up(self, kind: str):
        def do():
            self.fresh_order = False
            self.offer_number = False
            self.number_allowed = False
            own = self.intent.lines["u" + kind]
            lines = own if own and self.rng.random() < 0.5 else FOLLOW_UPS[kind]
            self.write(self.say(lines), True, follow_up=True)
            return (kind,)
        self.turn(do)

    def aside(self, name: str):
        """Thanks, goodbye and the like: the conversation's topic stays."""
        topic = INTENTS[name]

        def do():
            self.fresh_order = False
            self.offer_number = False
            self.number_allowed = False
            self.write(self.say(topic.lines["u"]), True, follow_up=True)
            return ("a", topic)
        pending = self.pending
        self.turn(do)
        self.pending = pending

    def system(self):
        if self.rng.random() < 0.6:
            self.add("system", unmark(self.say(SYSTEM)))


def pick_intent(rng: random.Random):
    # Out-of-scope questions are the widest class, so they come more often.
    names = list(INTENTS)
    weights = [6 if name == "out_of_scope" else 2 if name == "language" else 1 for name in names]
    return INTENTS[rng.choices(names, weights)[0]]


def make(rng: random.Random, for_held_out: bool = False, turns: int | None = None) -> Dialogue:
    dialogue = Dialogue(rng, for_held_out)
    dialogue.system()
    turns = turns or rng.choices([1, 2, 3, 4, 6], [52, 26, 12, 7, 3])[0]
    dialogue.new_intent(pick_intent(rng), first=True)
    for _ in range(turns - 1):
        kinds = kinds_of_follow_up(dialogue.intent)
        if dialogue.pending and rng.random() < 0.8:
            dialogue.give_number()
        elif kinds and rng.random() < 0.6:
            dialogue.follow_up(rng.choice(kinds))
        elif rng.random() < 0.3:
            dialogue.aside(rng.choice(["thanks", "thanks", "goodbye", "acknowledge", "out_of_scope", "insult", "bot_identity"]))
        else:
            dialogue.new_intent(pick_intent(rng), first=False)
    return dialogue


def held_out_record(dialogue: Dialogue, kind: str, number: int) -> dict:
    return {"id": f"{kind}-{number:03d}", "kind": kind, "messages": dialogue.messages[:-1], "intent": dialogue.label,
            "must_contain": dialogue.must_contain, "reference": dialogue.messages[-1]["content"]}


def from_phrase(line: str, rng: random.Random) -> Dialogue:
    """A held-out dialogue from a line `intent | message` or `intent.kind | message` (a follow-up to that intent)."""
    label, _, phrase = (part.strip() for part in line.partition("|"))
    name, _, kind = label.partition(".")
    dialogue = Dialogue(rng, True)
    dialogue.system()
    if kind:
        dialogue.new_intent(INTENTS[name], first=True)

    def do():
        dialogue.fresh_order = False
        dialogue.intent = INTENTS[name]
        text = expand(grammar.parse(phrase.replace("\\n", "\n").replace("(", "\x03").replace(")", "\x04")), rng, dialogue.value, dialogue.known)
        dialogue.add("user", unmark(text).replace("\x03", "(").replace("\x04", ")"))
        return (kind or "a",)
    dialogue.turn(do)
    return dialogue


def main() -> None:
    here = pathlib.Path(__file__).parent
    if sys.argv[1] == "train":
        count, out = int(sys.argv[2]), sys.argv[3]
        rng = random.Random(int(sys.argv[4]) if len(sys.argv) > 4 else SEED)
        with gzip.GzipFile(out, "wb", 9, mtime=0) as file:
            for _ in range(count):
                dialogue = make(rng)
                file.write((json.dumps({"messages": dialogue.messages, "intents": dialogue.labels, "repeated": dialogue.repeated}, ensure_ascii=False) + "\n").encode())
    else:
        # Two sets, so that settings can be chosen without looking at the one that is reported.
        name, seed = ("heldout", SEED + 1) if sys.argv[1] == "heldout" else ("development", SEED + 2)
        rng = random.Random(seed)
        records = [held_out_record(make(rng, True, rng.choice([1, 1, 2, 3])), "unseen_combination", number) for number in range(250)]
        lines = (here / f"{name}_phrasings.txt").read_text().splitlines()
        phrases = [line for line in lines if line.strip() and not line.startswith("#")]
        records += [held_out_record(from_phrase(line, rng), "unseen_phrasing", number) for number, line in enumerate(phrases)]
        pathlib.Path(sys.argv[2]).write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records))


if __name__ == "__main__":
    main()
