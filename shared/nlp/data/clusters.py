#!/usr/bin/env python3
"""Writes clusters.txt: common English words with the numbers of the groups of like words that each is in: a coarse, a middle and a fine one.

The groups are k-means clusters of the word vectors in PyPI `wordllama` 0.3 (l2_supercat_256, MIT). Words are
the whole words of its vocabulary and those of the training data. Run it only to make other groups; then train again.

    pip install wordllama scikit-learn safetensors tokenizers && python3 clusters.py
"""
import glob, json, os, re
import numpy as np, wordllama
from safetensors.numpy import load_file
from sklearn.cluster import KMeans
from tokenizers import Tokenizer

GROUPS = (100, 400, 1500)
here = os.path.dirname(os.path.abspath(__file__))
home = os.path.dirname(wordllama.__file__)
vectors = load_file(f"{home}/weights/l2_supercat_256.safetensors")["embedding.weight"].astype(np.float32)
tokenizer = Tokenizer.from_file(f"{home}/tokenizers/l2_supercat_tokenizer_config.json")
words = {t[1:].lower() for t in tokenizer.get_vocab() if re.fullmatch(r"▁[A-Za-z]{2,}", t)}
for path in glob.glob(f"{here}/train/*.jsonl"):
    for line in open(path, encoding="utf-8"):
        words.update(re.findall(r"[a-z]{2,}", json.loads(line)["text"].lower()))
words = sorted(words)
matrix = np.array([vectors[tokenizer.encode(w, add_special_tokens=False).ids].mean(0) for w in words])
matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
labels = [KMeans(count, random_state=1, n_init=1, max_iter=50).fit(matrix).labels_ for count in GROUPS]
with open(f"{here}/clusters.txt", "w", encoding="utf-8") as out:
    out.writelines(" ".join([word, *map(str, groups)]) + "\n" for word, *groups in zip(words, *labels))
