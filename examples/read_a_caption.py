"""What a caption says: entities, attributes, counts and relations, and the statements that can be checked one by one."""

import diptych

graph = diptych.parse('Two brown dogs sleep on a red couch next to a sign that says "OPEN".')
for statement in graph.statements():
    print(statement.number, statement.kind, statement.subject, statement.value, statement.object)
