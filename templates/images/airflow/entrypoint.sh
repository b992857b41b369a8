#!/bin/bash
# The contract of apache/airflow: `bash`, `python` and `airflow` run that program, any other command
# is a command of airflow. Any user of group 0 works.
set -euo pipefail
umask 0002
: "${AIRFLOW_HOME:=/opt/airflow}"
export AIRFLOW_HOME
seed=/usr/share/airflow-seed/airflow.db

if ! whoami > /dev/null 2>&1; then
  if [ -w /etc/passwd ]; then
    echo "airflow:x:$(id -u):0:airflow:/home/airflow:/bin/bash" >> /etc/passwd
  fi
  export HOME=/home/airflow USER=airflow
fi
mkdir -p "$AIRFLOW_HOME"/{dags,logs,plugins,config}

# A SQLite database that does not exist is created as a copy of the seed. Options may follow its path.
connection=${AIRFLOW__DATABASE__SQL_ALCHEMY_CONN:-sqlite:///$AIRFLOW_HOME/airflow.db}
connection=${connection%%\?*}
database=${connection#sqlite:///}
if [ "$database" != "$connection" ] && [ ! -e "$database" ]; then
  cp "$seed" "$database.$$"
  mv "$database.$$" "$database"
fi

case ${1:-} in
  bash | python) exec "$@" ;;
  airflow) shift ;;
esac
exec airflow "$@"
