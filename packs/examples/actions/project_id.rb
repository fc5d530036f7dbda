#!/usr/bin/env ruby
# frozen_string_literal: true

# Prints the unique id of the project that people call by this name: `project_id.rb NAME`.

TABLE = File.join(__dir__, "..", "data", "projects.tsv")

def main(given)
  name = given.to_s.dup.force_encoding("UTF-8").scrub.strip
  abort "Say which project: a name of 1 to 80 characters." unless (1..80).cover?(name.length)

  projects = read_projects
  wanted = projects.find { |project| project[:name].downcase == name.downcase }
  abort "There is no project #{name}. #{suggestion(name, projects.map { |project| project[:name] })}" if wanted.nil?
  puts wanted[:id]
end

def read_projects
  File.readlines(TABLE, encoding: "UTF-8", chomp: true).drop(1).map { |line| %i[name id].zip(line.split("\t")).to_h }
end

def suggestion(name, names)
  near = names.each_with_index
              .map { |one, index| [distance(name.downcase, one.downcase), index, one] }
              .select { |far, _, _| far <= 1 + name.length / 4 }
              .min(3)
              .map(&:last)
  near.empty? ? "There are #{names.join(", ")}." : "Did you mean #{near.join(" or ")}?"
end

# How many characters have to be put in, taken out or changed (Levenshtein).
def distance(one, other)
  row = (0..other.length).to_a
  one.each_char.with_index(1) do |a, i|
    diagonal, row[0] = row[0], i
    other.each_char.with_index(1) do |b, j|
      diagonal, row[j] = row[j], [row[j] + 1, row[j - 1] + 1, diagonal + (a == b ? 0 : 1)].min
    end
  end
  row.last
end

main(ARGV[0])
