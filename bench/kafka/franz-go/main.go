// Reads topics with franz-go, the library of rpk and kcl, as these two do: values a line, or JSON lines.
//
//	franz-go (values|json) host:port topic
//
// It ends at the end as it was at the start.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

func main() {
	if len(os.Args) != 4 {
		fail(fmt.Errorf("franz-go (values|json) host:port topic"))
	}
	form, broker, topic := os.Args[1], os.Args[2], os.Args[3]
	client, err := kgo.NewClient(
		kgo.SeedBrokers(broker),
		kgo.ConsumeTopics(topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
	)
	if err != nil {
		fail(err)
	}
	defer client.Close()
	left, err := countRecords(client, topic)
	if err != nil {
		fail(err)
	}
	write, flush := writerOf(form)
	for left > 0 {
		fetches := client.PollFetches(context.Background())
		fetches.EachError(func(_ string, _ int32, err error) { fail(err) })
		fetches.EachRecord(func(record *kgo.Record) {
			write(record)
			left--
		})
	}
	flush()
}

// What a topic that nothing was deleted from holds.
func countRecords(client *kgo.Client, topic string) (int64, error) {
	metadata := kmsg.NewPtrMetadataRequest()
	asked := kmsg.NewMetadataRequestTopic()
	asked.Topic = kmsg.StringPtr(topic)
	metadata.Topics = append(metadata.Topics, asked)
	known, err := metadata.RequestWith(context.Background(), client)
	if err != nil {
		return 0, err
	}
	request := kmsg.NewPtrListOffsetsRequest()
	request.ReplicaID = -1
	wanted := kmsg.NewListOffsetsRequestTopic()
	wanted.Topic = topic
	for _, one := range known.Topics[0].Partitions {
		partition := kmsg.NewListOffsetsRequestTopicPartition()
		partition.Partition = one.Partition
		partition.Timestamp = -1
		wanted.Partitions = append(wanted.Partitions, partition)
	}
	request.Topics = append(request.Topics, wanted)
	var count int64
	for _, shard := range client.RequestSharded(context.Background(), request) {
		if shard.Err != nil {
			return 0, shard.Err
		}
		for _, answer := range shard.Resp.(*kmsg.ListOffsetsResponse).Topics {
			for _, partition := range answer.Partitions {
				count += partition.Offset
			}
		}
	}
	return count, nil
}

func writerOf(form string) (write func(*kgo.Record), flush func()) {
	out := bufio.NewWriterSize(os.Stdout, 64*1024)
	flush = func() { out.Flush() }
	if form == "values" {
		return func(record *kgo.Record) {
			out.Write(record.Value)
			out.WriteByte('\n')
		}, flush
	}
	type header struct {
		Key   string `json:"key"`
		Value string `json:"value"`
	}
	type line struct {
		Topic     string   `json:"topic"`
		Key       string   `json:"key,omitempty"`
		Value     string   `json:"value,omitempty"`
		Headers   []header `json:"headers,omitempty"`
		Timestamp int64    `json:"timestamp"`
		Partition int32    `json:"partition"`
		Offset    int64    `json:"offset"`
	}
	return func(record *kgo.Record) {
		headers := make([]header, 0, len(record.Headers))
		for _, one := range record.Headers {
			headers = append(headers, header{one.Key, string(one.Value)})
		}
		text, err := json.Marshal(line{
			Topic:     record.Topic,
			Key:       string(record.Key),
			Value:     string(record.Value),
			Headers:   headers,
			Timestamp: record.Timestamp.UnixMilli(),
			Partition: record.Partition,
			Offset:    record.Offset,
		})
		if err != nil {
			fail(err)
		}
		// rpk writes each record by itself, and its line feed again by itself.
		os.Stdout.Write(text)
		os.Stdout.Write([]byte("\n"))
	}, flush
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
