"""Search indexes: two filtered legs, vector and keyword, behind one contract."""
