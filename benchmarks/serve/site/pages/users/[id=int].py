def get(id):
    return {"id": id, "name": f"user{id}", "email": f"user{id}@example.org", "active": True}
