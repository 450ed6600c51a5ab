"""The glass box: what flows through the suite now, and everything that is known of one correlation id.

It keeps nothing. All of it is asked when somebody looks: of every service (as the person who looks), of Zipkin and of
the logs in Elasticsearch; what does not answer is said and leaves a gap, never an error.
"""
