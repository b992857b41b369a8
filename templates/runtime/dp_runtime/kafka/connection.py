import logging

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer

from ..errors import StepError

# Seconds that one request to Kafka may take.
REQUEST_TIMEOUT = 10.0

# Kafka's own client writes its log lines here; what went wrong is told by the step's error.
_silent = logging.getLogger("dp.kafka")
_silent.addHandler(logging.NullHandler())
_silent.propagate = False


class Connection:
    """Addresses of brokers, and the last thing that went wrong with them."""

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap
        self._trouble: str | None = None

    def settings(self) -> dict[str, object]:
        return {
            "bootstrap.servers": self.bootstrap,
            "client.id": "dp",
            "error_cb": self._on_error,
            "logger": _silent,
            "reconnect.backoff.max.ms": 1000,
        }

    def error(self, message: str, error: KafkaException | None = None) -> StepError:
        """Returns the error for something that Kafka was asked for and did not do."""
        kafka_error = error_of(error)
        why = self._trouble if _is_out_of_reach(kafka_error) else None
        return StepError(
            message,
            why=why or (None if kafka_error is None else kafka_error.str()),
            next_step=f"is Kafka running at {self.bootstrap}? dp status"
            if _is_out_of_reach(kafka_error)
            else None,
        )

    def _on_error(self, error: KafkaError) -> None:
        if error.code() != KafkaError._ALL_BROKERS_DOWN:
            self._trouble = error.str()


def error_of(exception: KafkaException | None) -> KafkaError | None:
    if exception is None or not exception.args:
        return None
    found = exception.args[0]
    return found if isinstance(found, KafkaError) else None


def partitions_of(client: Consumer | Producer, connection: Connection, topic: str) -> list[int]:
    """Returns the partitions of a topic; StepError when Kafka or the topic is not there."""
    try:
        metadata = client.list_topics(topic, timeout=REQUEST_TIMEOUT)
    except KafkaException as error:
        # Lets the client tell why.
        client.poll(0)
        raise connection.error(f"can't reach Kafka at {connection.bootstrap}", error) from None
    found = metadata.topics[topic]
    if found.error is not None or not found.partitions:
        raise StepError(
            f"there is no topic {topic} at {connection.bootstrap}",
            next_step=f"name {topic} under topics in pipeline.yaml, then: dp up",
        )
    return sorted(found.partitions)


def _is_out_of_reach(error: KafkaError | None) -> bool:
    return error is None or error.code() in (
        KafkaError._TRANSPORT,
        KafkaError._ALL_BROKERS_DOWN,
        KafkaError._TIMED_OUT,
        KafkaError._RESOLVE,
        KafkaError._MSG_TIMED_OUT,
    )
