# Word vectors by gensim on the film reviews, for bench/cases/words.mjs and bench/tables/words.mjs to stand beside:
#
#     apt-get install -y python3-gensim
#     KINDRED_DATA=... /usr/bin/python3 bench/peers/words_gensim.py [--epochs 1] [--model skip-gram] [--workers 2] [--texts N]
#
# Dimension 100, window 5, 5 negatives, minimum count 5, subsampling 1e-3, rate 0.025. Prints one JSON line: words per second of
# training alone, and scores on the judgements in KINDRED_DATA/word-eval by gensim's own evaluation, with the share of each that is of
# known words alone.
import argparse
import json
import os
import re
import time

from gensim.models import Word2Vec

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=1)
parser.add_argument("--model", choices=["skip-gram", "cbow"], default="skip-gram")
parser.add_argument("--workers", type=int, default=2)
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--texts", type=int)
asked = parser.parse_args()

data = os.environ["KINDRED_DATA"]
with open(os.path.join(data, "aclimdb_all_reviews.txt"), encoding="utf-8") as lines:
    texts = [re.findall(r"[a-z']+", line.split("\t", 2)[2].lower()) for line in lines if line.count("\t") >= 2]
texts = texts[: asked.texts]
words = sum(map(len, texts))

model = Word2Vec(
    vector_size=100,
    window=5,
    negative=5,
    min_count=5,
    sample=1e-3,
    alpha=0.025,
    sg=int(asked.model == "skip-gram"),
    workers=asked.workers,
    seed=asked.seed,
)
model.build_vocab(texts)
start = time.perf_counter()
model.train(texts, total_examples=len(texts), epochs=asked.epochs)
seconds = time.perf_counter() - start
result = {
    "name": f"words/{asked.model.replace('-', '')}",
    "engine": "gensim",
    "epochs": asked.epochs,
    "wordsPerSecond": round(words * asked.epochs / seconds),
    "vocabulary": len(model.wv),
    "coverage": {},
}
judged = os.path.join(data, "word-eval")
for name, file in {"wordsim353": "wordsim353.tsv", "simlex999": "simlex999.txt"}.items():
    _, spearman, missing = model.wv.evaluate_word_pairs(os.path.join(judged, file))
    result[name] = float(spearman[0])
    result["coverage"][name] = 1 - missing / 100
if asked.texts is None:
    questions = os.path.join(judged, "questions-words.txt")
    result["analogies"], sections = model.wv.evaluate_word_analogies(questions)
    with open(questions, encoding="utf-8") as lines:
        asked_for = sum(not line.startswith(":") for line in lines)
    result["coverage"]["analogies"] = (len(sections[-1]["correct"]) + len(sections[-1]["incorrect"])) / asked_for
print(json.dumps(result))
